"""To which addresses alerts may go."""

import ipaddress

import pytest
from qlmodels_admin.alerts.addresses import AddressRefused, is_public, parse_networks, resolve

from qlmodels.errors import ConfigurationError

PRIVATE = (
    "0.0.0.0",  # noqa: S104  # of a list of what is refused
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.1.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "2001:0:7f00:1::",
    "2002:7f00:1::",
    "fe80::1",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
)
SPELLINGS = ("127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "::ffff:127.0.0.1")


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_an_address_that_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("host", SPELLINGS)
async def test_whatever_its_spelling_this_machine_is_refused(host: str) -> None:
    with pytest.raises(AddressRefused, match="not public"):
        await resolve(host, 443, [])


async def test_a_setting_allows_networks() -> None:
    networks = parse_networks("10.0.0.0/8, 127.0.0.0/8 ::1/128")
    assert await resolve("127.0.0.1", 443, networks) == "127.0.0.1"
    with pytest.raises(AddressRefused):
        await resolve("192.168.0.1", 443, networks)


@pytest.mark.parametrize("value", ["10.0.0.1/8", "all", "10.0.0.0/33"])
def test_a_setting_that_is_no_network(value: str) -> None:
    with pytest.raises(ConfigurationError, match="QLMODELS_ALERT_NETWORKS"):
        parse_networks(value)
