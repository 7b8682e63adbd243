"""Passwords: hashed with argon2, always off the event loop, one at a time."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from qlmodels.errors import QLModelsError

MIN_PASSWORD_CHARS = 12
MAX_PASSWORD_CHARS = 200

_hasher = PasswordHasher()


class PasswordUnfit(QLModelsError):
    """A password has 12 to 200 characters."""


def hash_password(password: str) -> str:
    """The argon2 hash of a new password. Takes about 50 ms. Raises PasswordUnfit."""
    if not MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
        raise PasswordUnfit(
            f"The password has {len(password)} characters: choose one of {MIN_PASSWORD_CHARS} to "
            f"{MAX_PASSWORD_CHARS}, for example four random words."
        )
    return _hasher.hash(password)


async def hash_in_thread(password: str) -> str:
    """As `hash_password`, without holding up other requests."""
    return await asyncio.get_running_loop().run_in_executor(_threads(), hash_password, password)


async def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is right; takes as long where there is no hash to compare with."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(
        _threads(), _matches, password_hash, password[: MAX_PASSWORD_CHARS + 1]
    )


def _matches(password_hash: str | None, password: str) -> bool:
    try:
        right = _hasher.verify(password_hash or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return right and password_hash is not None


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("nobody has this password")


@cache
def _threads() -> ThreadPoolExecutor:
    """Each hash takes 64 MB and four threads of argon2's own for some 50 ms: one at a time leaves
    the processors to other pages. Callers wait in a `Bounded`, not in this executor's queue."""
    return ThreadPoolExecutor(1, "argon2")
