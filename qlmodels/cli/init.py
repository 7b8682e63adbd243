"""`qlmodels init`: write down where the database is, and try it."""

import asyncio
import os
import re
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import URL

from qlmodels.cli import env_file
from qlmodels.connection import (
    SUPABASE,
    SYSTEM_AUTHORITIES,
    Name,
    as_text,
    connect,
    is_loopback,
    pooler_of,
)
from qlmodels.errors import ConfigurationError
from qlmodels.settings import parse_url

ENV_FILE = Path(".env")
URL_VARIABLE = "DATABASE_URL"
COMMENT = (
    "The migrating owner's; agents and the panel have logins of their own. "
    "Written by `qlmodels init`."
)
PASSWORD_VARIABLES = ("SUPABASE_DB_PASSWORD", "PGPASSWORD")
PROJECT = re.compile(r"[a-z0-9-]+")
WHERE_THE_CA_IS = (
    "Project settings, Database, SSL configuration, Download certificate (prod-ca-2021.crt)"
)
REPLACE = "{file} sets {variable} already. Replace that line?"

TlsMode = Literal["verify-full", "require", "disable"]

ASKED = """
select pg_catalog.current_setting('server_version') as version,
       coalesce((select ssl.version from pg_catalog.pg_stat_ssl as ssl
                  where ssl.pid = pg_catalog.pg_backend_pid()), 'no TLS') as tls,
       pg_catalog.concat_ws(', ',
           case when not (login.rolcreaterole or login.rolsuper)
                then 'CREATEROLE' end,
           case when not pg_catalog.has_database_privilege(current_database(), 'create')
                then 'CREATE on the database' end) as lacks
  from pg_catalog.pg_roles as login
 where login.rolname = current_user
"""


def init(
    address: Annotated[
        Name | None,
        typer.Option(help="Which address of Supabase, or postgres for any other server."),
    ] = None,
    project: Annotated[
        str | None, typer.Option(help="Supabase: the project's reference, as in its address.")
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(
            help="The server; for session and transaction that of the pooler, as the button "
            "Connect shows it (aws-N-REGION.pooler.supabase.com)."
        ),
    ] = None,
    port: Annotated[int, typer.Option(help="Of a server that is not Supabase's.")] = 5432,
    user: Annotated[str, typer.Option(help="The owner's login, without project.")] = "postgres",
    database: Annotated[str, typer.Option(help="Name of the database.")] = "postgres",
    ca_file: Annotated[
        Path | None, typer.Option(help="Certificate of the authority that signs the server's.")
    ] = None,
    tls: Annotated[
        TlsMode,
        typer.Option(
            help="verify-full knows the server; require encrypts, and trusts who answers."
        ),
    ] = "verify-full",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    test: Annotated[bool, typer.Option(help="Connect before anything is written.")] = True,
    force: Annotated[
        bool, typer.Option("--force", help="Replace what .env says of the database.")
    ] = False,
) -> None:
    """Write a .env that says where the database is, after trying the connection.

    What is not given is asked for. The password is asked for, hidden, or read from standard
    input, or from SUPABASE_DB_PASSWORD or PGPASSWORD: never from the command line.
    """
    _may_replace(force)
    address = address or _choose_address()
    if address == "postgres":
        host = host or _ask("Host", "--host")
        bare = URL.create("postgresql", user, None, host, port, database)
    else:
        bare = _supabase(address, project, host, user, database)
    bare = bare.update_query_dict(_tls(bare, address, tls, ca_file))
    text = as_text(bare.set(password=_password(password_stdin)))
    url = parse_url(text, URL_VARIABLE)
    if test:
        typer.echo(asyncio.run(_try(url)))
    ignored = env_file.keep_out_of_git(ENV_FILE)
    env_file.write(ENV_FILE, {URL_VARIABLE: text}, {URL_VARIABLE: COMMENT})
    if ignored is not None:
        typer.echo(f"{ignored} tells git to leave {ENV_FILE} alone.")
    if URL_VARIABLE in os.environ:
        typer.echo(f"{URL_VARIABLE} in the environment goes before it: unset {URL_VARIABLE}.")
    typer.echo(f"{ENV_FILE} says where the database is; only you may read it.")


def _may_replace(force: bool) -> None:
    if force or URL_VARIABLE not in env_file.names_in(ENV_FILE):
        return
    if not sys.stdin.isatty():
        raise ConfigurationError(
            f"{ENV_FILE} sets {URL_VARIABLE} already: `qlmodels init --force` replaces that line, "
            "and leaves the others."
        )
    typer.confirm(REPLACE.format(file=ENV_FILE, variable=URL_VARIABLE), abort=True)


def _choose_address() -> Name:
    """Show what each address is for, and ask."""
    if not sys.stdin.isatty():
        raise ConfigurationError(
            f"--address is missing: it is one of {', '.join(SUPABASE)}, postgres."
        )
    table = Table("address", "host", "port", "login", "for")
    for name, at in SUPABASE.items():
        shown = (at.host or "POOLER").format(project="PROJECT")
        login = at.user.format(user="USER", project="PROJECT")
        table.add_row(name, shown, str(at.port), login, at.use)
    table.add_row("postgres", "HOST", "PORT", "USER", "any other server")
    Console().print(table)
    names: list[Name] = [*SUPABASE, "postgres"]
    while (chosen := typer.prompt("Address", default="session")) not in names:
        typer.echo(f"It is one of {', '.join(names)}.")
    return next(name for name in names if name == chosen)


def _supabase(name: Name, project: str | None, host: str | None, user: str, database: str) -> URL:
    address = SUPABASE[name]
    project = project or _ask("Project reference (the first part of its address)", "--project")
    if not PROJECT.fullmatch(project):
        raise ConfigurationError(
            f"{project} is no project reference: it is the part before .supabase.co in the "
            "project's address, such as abcdefghijklmnopqrst."
        )
    if address.host is None:
        host = host or _ask("Host of the pooler (the button Connect shows it)", "--host")
    elif host is not None:
        raise ConfigurationError(
            f"The host of address {name} follows from the project: leave --host out."
        )
    return address.url(project, host, user, "", database)


def _tls(url: URL, address: Name, mode: TlsMode, authority: Path | None) -> dict[str, str]:
    """The end of the URL."""
    if mode != "verify-full":
        if authority is not None:
            raise ConfigurationError(f"--ca-file is of no use with --tls {mode}: leave one out.")
        if mode == "disable" and address != "postgres":
            raise ConfigurationError(
                "Supabase is reached through the internet, where a password must not be read: "
                "leave --tls out."
            )
        return {"sslmode": mode}
    if authority is None and is_loopback(url):
        return {}
    if authority is None and address != "postgres":
        answer = _ask(f"File of the platform's certificate ({WHERE_THE_CA_IS})", "--ca-file")
        authority = Path(answer)
    if authority is None:
        return {"sslmode": mode, "sslrootcert": SYSTEM_AUTHORITIES}
    return {"sslmode": mode, "sslrootcert": str(authority.expanduser().resolve())}


def _ask(what: str, flag: str) -> str:
    if not sys.stdin.isatty():
        raise ConfigurationError(f"{flag} is missing: {what.lower()}.")
    return str(typer.prompt(what)).strip()


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    for name in PASSWORD_VARIABLES:
        if password := os.environ.get(name):
            return password
    if not sys.stdin.isatty():
        raise ConfigurationError(
            "The password is missing: give it by --password-stdin, or in the environment as "
            f"{' or '.join(PASSWORD_VARIABLES)}."
        )
    return str(typer.prompt("Password", hide_input=True))


async def _try(url: URL) -> str:
    """Connect, and say what answered. Raises DatabaseUnreachable, LoginRefused."""
    async with connect(url) as connection:
        [answer] = await connection.fetch(ASKED)
    how = f"{answer['tls']}, {url.query.get('ssl', 'not asked to verify')}"
    words = f"{url.host} answers: PostgreSQL {answer['version']} ({how})."
    if answer["lacks"]:
        words += f" This login cannot migrate: it lacks {answer['lacks']}."
    elif pooler_of(url) == "transaction":
        words += " Behind a transaction pooler migrate by another address: direct or session."
    return words
