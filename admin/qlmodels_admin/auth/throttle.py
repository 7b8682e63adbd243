"""Limit attempts to sign in: counted in the database, before a password is compared."""

import hashlib
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ARRAY, DateTime, Integer, Interval, LargeBinary, bindparam
from sqlalchemy.ext.asyncio import AsyncEngine

from qlmodels.errors import QLModelsError
from qlmodels_admin.db import statements_of

query = statements_of(__package__)

MAX_ROUNDS: Final = 5
"""Tries to find a row for each key: another process may remove one that has expired."""

_ADMIT = query("throttle_admit").bindparams(
    bindparam("keys", type_=ARRAY(LargeBinary)),
    bindparam("most", type_=ARRAY(Integer)),
    bindparam("lasts", type_=ARRAY(Interval)),
)
_PREPARE = query("throttle_prepare").bindparams(bindparam("keys", type_=ARRAY(LargeBinary)))
_FORGET = query("throttle_forget")
_TAKE_BACK = query("throttle_take_back").bindparams(
    bindparam("keys", type_=ARRAY(LargeBinary)),
    bindparam("cleared", type_=ARRAY(LargeBinary)),
    bindparam("at", type_=DateTime(timezone=True)),
)


@dataclass(frozen=True, slots=True)
class AttemptLimit:
    """`most` attempts within `lasts`, of those that share a key."""

    name: str
    most: int
    lasts: timedelta

    def key(self, *shared: str) -> bytes:
        """Return a hash, of one length however long a name is that a client sends."""
        text = "\x00".join((self.name, *shared))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


ACCOUNT_AND_ADDRESS: Final = AttemptLimit("account and address", 5, timedelta(minutes=5))
ADDRESS: Final = AttemptLimit("address", 20, timedelta(minutes=5))
ACCOUNT: Final = AttemptLimit("account", 100, timedelta(minutes=15))
"""Guesses at one account from many addresses."""

OWN_PASSWORD: Final = AttemptLimit("own password", 5, timedelta(minutes=5))
"""Of a user who is signed in and sets a new one."""

CLEARED: Final = frozenset({ACCOUNT_AND_ADDRESS, OWN_PASSWORD})
"""What a right password clears."""


class TooManyAttempts(QLModelsError):
    """Too many attempts to sign in. Try again later."""

    def __init__(self, wait: float) -> None:
        super().__init__()
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Attempt:
    """One that was counted under `keys`, and may be compared."""

    keys: Mapping[AttemptLimit, bytes]
    at: datetime


def keys_of(account: str, address: str) -> dict[AttemptLimit, bytes]:
    """What an attempt to sign in is counted under."""
    network = network_of(address)
    return {
        ACCOUNT_AND_ADDRESS: ACCOUNT_AND_ADDRESS.key(account, network),
        ADDRESS: ADDRESS.key(network),
        ACCOUNT: ACCOUNT.key(account),
    }


def network_of(address: str) -> str:
    """An IPv6 client has a whole /64 to itself, so that is what counts as its address."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, 64), strict=False))


async def admit(engine: AsyncEngine, keys: Mapping[AttemptLimit, bytes]) -> Attempt:
    """Count an attempt. Raises TooManyAttempts: it was not counted, and must not be compared."""
    async with _autocommit(engine) as connection:
        for _ in range(MAX_ROUNDS):
            values = {
                "keys": [*keys.values()],
                "most": [limit.most for limit in keys],
                "lasts": [limit.lasts for limit in keys],
            }
            row = (await connection.execute(_ADMIT, values)).one()
            if row.wait:
                raise TooManyAttempts(row.wait)
            if row.wait is not None:
                return Attempt(keys, row.at)
            await connection.execute(_FORGET)
            await connection.execute(_PREPARE, {"keys": [*keys.values()]})
    raise TooManyAttempts(1)


async def take_back(engine: AsyncEngine, attempt: Attempt, *, clears: bool = True) -> None:
    """The attempt does not count.

    Where it `clears`, because it was right, nor do earlier ones of its account and address.
    """
    cleared = [key for limit, key in attempt.keys.items() if clears and limit in CLEARED]
    values: dict[str, Any] = {"keys": [*attempt.keys.values()], "cleared": cleared}
    async with _autocommit(engine) as connection:
        await connection.execute(_TAKE_BACK, {**values, "at": attempt.at})


def _autocommit(engine: AsyncEngine) -> Any:
    """Each statement for itself: none of them holds its rows while another one waits."""
    return engine.execution_options(isolation_level="AUTOCOMMIT").connect()
