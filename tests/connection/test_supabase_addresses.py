"""Which login is asked for at which address."""

import pytest
from sqlalchemy import URL

from qlmodels.connection.supabase_addresses import (
    SUPABASE,
    Name,
    about_ipv6,
    as_text,
    at_same_address,
)
from qlmodels.settings import parse_url

POOLER = "aws-0-eu-central-1.pooler.supabase.com"


@pytest.mark.parametrize(
    ("name", "host", "port", "owner", "agent"),
    [
        ("direct", "db.abc.supabase.co", 5432, "postgres", "ql_x"),
        ("session", POOLER, 5432, "postgres.abc", "ql_x.abc"),
        ("transaction", POOLER, 6543, "postgres.abc", "ql_x.abc"),
        ("dedicated", "db.abc.supabase.co", 6543, "postgres", "ql_x"),
    ],
)
def test_supabase(name: Name, host: str, port: int, owner: str, agent: str) -> None:
    url = SUPABASE[name].url("abc", POOLER, "postgres", "secret", "postgres")
    assert (url.host, url.port, url.username) == (host, port, owner)
    other = at_same_address(url, "ql_x", "its own")
    assert (other.host, other.port, other.username, other.password) == (
        host,
        port,
        agent,
        "its own",
    )


def test_a_dot_in_another_servers_login_is_its_own() -> None:
    url = URL.create("postgresql", "jo.smith", "secret", "db.example", 5432, "fleet")
    assert at_same_address(url, "ql_x", "its own").username == "ql_x"


def test_only_a_direct_address_may_lack_ipv4() -> None:
    direct = SUPABASE["direct"].url("abc", None, "postgres", "secret", "postgres")
    assert "--address session" in about_ipv6(direct)
    assert about_ipv6(direct.set(host=POOLER)) == ""


def test_the_text_is_libpqs() -> None:
    url = SUPABASE["session"].url("abc", POOLER, "postgres", "a b+c/'", "postgres")
    url = url.set(drivername="postgresql+asyncpg").update_query_dict(
        {"ssl": "verify-full", "sslrootcert": "/my ca.crt"}
    )
    text = as_text(url)
    place, _, end = text.partition("?")
    assert place == f"postgresql://postgres.abc:a%20b%2Bc%2F%27@{POOLER}:5432/postgres"
    assert sorted(end.split("&")) == ["sslmode=verify-full", "sslrootcert=%2Fmy%20ca.crt"]
    assert parse_url(text, "DATABASE_URL") == url
