"""The addresses that a database has, which Postgres or pooler answers there, and what for."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import URL

Name = Literal["direct", "session", "transaction", "dedicated", "postgres"]

_DIRECT_HOST = "db.{project}.supabase.co"
_POOLER_DOMAIN = ".pooler.supabase.com"


@dataclass(frozen=True)
class Address:
    """`host` and `user` are templates; a host of None has to be told by whoever looks it up."""

    port: int
    host: str | None
    user: str
    use: str

    def url(self, project: str, host: str | None, user: str, password: str, database: str) -> URL:
        return URL.create(
            "postgresql",
            self.user.format(user=user, project=project),
            password,
            self.host.format(project=project) if self.host else host,
            self.port,
            database,
        )


SUPABASE: dict[Name, Address] = {
    "direct": Address(
        5432,
        _DIRECT_HOST,
        "{user}",
        "migrations, the panel, agents that run for long; over IPv6 alone, unless the project "
        "has the IPv4 add-on",
    ),
    "session": Address(
        5432,
        None,
        "{user}.{project}",
        "the same over IPv4: each connection keeps a server's connection for as long as it lives",
    ),
    "transaction": Address(
        6543,
        None,
        "{user}.{project}",
        "many clients that come and go, such as Edge Functions, over IPv4; not for migrations",
    ),
    "dedicated": Address(
        6543,
        _DIRECT_HOST,
        "{user}",
        "as transaction, by a PgBouncer beside the database; paid plans, IPv6 as direct",
    ),
}


def at_same_address(url: URL, login: str, password: str) -> URL:
    """Where another login of this database connects.

    A shared pooler of Supabase serves many projects, and learns which by the end of the user name.
    """
    _, _, project = (url.username or "").rpartition(".")
    if project and (url.host or "").endswith(_POOLER_DOMAIN):
        login = f"{login}.{project}"
    return url.set(username=login, password=password)


def as_text(url: URL) -> str:
    """The URL, password included, for SQLAlchemy, libpq, shells and readers of .env alike."""
    query = dict(url.query)
    if (mode := query.pop("ssl", None)) is not None:  # asyncpg's word, which libpq does not know
        query["sslmode"] = mode
    plain = url.set(drivername="postgresql", query=query)
    place, question, end = plain.render_as_string(hide_password=False).partition("?")
    place = place.replace("+", "%2B").replace(" ", "%20").replace("'", "%27")
    return place + question + end.replace("+", "%20")


def about_ipv6(url: URL) -> str:
    """What to say of a host that has an IPv6 address alone, where it was not reached."""
    host = url.host or ""
    if not (host.startswith("db.") and host.endswith(".supabase.co")):
        return ""
    return (
        " It has an IPv6 address alone, unless the project has the IPv4 add-on: where this "
        "network has no IPv6, use the session pooler (`qlmodels init --address session`)."
    )
