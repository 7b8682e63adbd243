"""To which addresses alerts may go: public ones, and the networks that a setting allows."""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from qlmodels.errors import ConfigurationError

IPAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_EMBEDDING_IPV4: Final = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "::/96",
        "::ffff:0:0/96",
        "::ffff:0:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
    )
)
"""Mapped, translated and tunnelled IPv4: another spelling of an address that may be private."""


class AddressRefused(Exception):
    """A host has an address to which no alert may go."""


def parse_networks(value: str) -> list[Network]:
    """Return the networks of QLMODELS_ALERT_NETWORKS. Raises ConfigurationError."""
    try:
        return [ipaddress.ip_network(part) for part in value.replace(",", " ").split()]
    except ValueError as error:
        raise ConfigurationError(
            f"QLMODELS_ALERT_NETWORKS is {value!r}: {error}. Give networks separated by spaces, "
            "such as 10.1.0.0/16 127.0.0.1/32."
        ) from error


def is_public(address: IPAddress) -> bool:
    """Return whether an address belongs to the public internet, in its only spelling."""
    embeds = any(address in network for network in _EMBEDDING_IPV4 if address.version == 6)
    return address.is_global and not address.is_multicast and not embeds


async def resolve(host: str, port: int, allowed: Iterable[Network]) -> str:
    """Return the one address of `host` to connect to.

    Raises AddressRefused if any of its addresses is neither public nor in `allowed`, OSError if it
    has none.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    for address in addresses:
        _check(address, [*allowed])
    return str(addresses[0])


def is_allowed(address: IPAddress, allowed: Sequence[Network]) -> bool:
    """Return whether a setting allows an address, public or not."""
    return any(address in network for network in allowed if network.version == address.version)


def _check(address: IPAddress, allowed: Sequence[Network]) -> None:
    if not is_public(address) and not is_allowed(address, allowed):
        raise AddressRefused(
            f"The host has the address {address}, which is not public. An administrator of the "
            "server may allow its network by QLMODELS_ALERT_NETWORKS."
        )
