"""Which database: DATABASE_URL, else SUPABASE_DB_*, else none, which means the embedded server."""

import ipaddress
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from qlmodels.errors import ConfigurationError

Pooler = Literal["none", "session", "transaction"]

_SCHEMES = {"postgres", "postgresql", "postgresql+asyncpg"}
_EXAMPLE = "postgresql://user:password@host:5432/database"
_TLS = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_PARAMETERS = ("ssl", "sslmode", "sslrootcert", "target_session_attrs")
_WITH_AUTHORITY = ("require", "verify-ca", "verify-full")
_PORTS = range(1, 65536)


class Settings(BaseSettings):
    """The environment, and `.env` in the current folder. Secrets never show in a repr.

    Raises ConfigurationError.
    """

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    database_url: SecretStr | None = Field(default=None)
    supabase_db_host: str | None = None
    supabase_db_port: int = Field(default=5432, ge=1, le=65535)
    supabase_db_user: str = "postgres"
    supabase_db_password: SecretStr | None = None
    supabase_db_name: str = "postgres"
    supabase_db_sslrootcert: str | None = None
    qlmodels_panel_url: SecretStr | None = None
    qlmodels_superuser_url: SecretStr | None = None
    qlmodels_pooler: Pooler | None = None
    qlmodels_alert_networks: str = ""
    qlmodels_metrics_token: SecretStr | None = Field(default=None, min_length=16)
    qlmodels_public_url: str | None = None
    qlmodels_oidc_issuer: str | None = None
    qlmodels_oidc_client_id: str | None = None
    qlmodels_oidc_client_secret: SecretStr | None = None
    qlmodels_oidc_client_secret_file: Path | None = None
    qlmodels_oidc_roles: str | None = None
    qlmodels_oidc_groups_claim: str = "groups"
    qlmodels_oidc_scopes: str = "openid profile"
    qlmodels_oidc_name: str = "single sign-on"

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_input=False)[0]
            name = str(wrong["loc"][0]).upper()
            raise ConfigurationError(
                f"{name} cannot be used: {wrong['msg'].removeprefix('Input ')}; set it again, "
                "or leave it unset."
            ) from None

    def owner_url(self) -> URL | None:
        """The migrating owner's URL; None means the embedded server.

        Raises ConfigurationError.
        """
        if self.database_url is not None:
            return parse_url(self.database_url.get_secret_value(), "DATABASE_URL")
        if self.supabase_db_host is None:
            return None
        if self.supabase_db_password is None:
            raise ConfigurationError(
                f"SUPABASE_DB_HOST is {self.supabase_db_host} but SUPABASE_DB_PASSWORD is not "
                "set, so nobody can log in there: set it, or set DATABASE_URL instead."
            )
        # as the guide has it, which names no authority; a local project serves without
        tls = {} if is_loopback_host(self.supabase_db_host) else {"ssl": "require"}
        if self.supabase_db_sslrootcert is not None:
            tls = {"ssl": "verify-full", "sslrootcert": self.supabase_db_sslrootcert}
        return URL.create(
            "postgresql+asyncpg",
            self.supabase_db_user,
            self.supabase_db_password.get_secret_value(),
            self.supabase_db_host,
            self.supabase_db_port,
            self.supabase_db_name,
            query=tls,
        )

    def panel_url(self) -> URL | None:
        """The panel's own URL, if one is configured. Raises ConfigurationError."""
        if self.qlmodels_panel_url is None:
            return None
        return parse_url(self.qlmodels_panel_url.get_secret_value(), "QLMODELS_PANEL_URL")

    def superuser_url(self) -> URL | None:
        """The URL that a backup reads verifiers by, if one is configured.

        Raises ConfigurationError.
        """
        if self.qlmodels_superuser_url is None:
            return None
        return parse_url(self.qlmodels_superuser_url.get_secret_value(), "QLMODELS_SUPERUSER_URL")

    def oidc_client_secret(self) -> SecretStr:
        """The panel's secret at its OpenID provider, from the environment or a file.

        Raises ConfigurationError.
        """
        secret, file = self.qlmodels_oidc_client_secret, self.qlmodels_oidc_client_secret_file
        if (secret is None) == (file is None):
            raise ConfigurationError(
                "Set either QLMODELS_OIDC_CLIENT_SECRET, or QLMODELS_OIDC_CLIENT_SECRET_FILE to a "
                "file that holds the secret."
            )
        if secret is not None:
            return secret
        assert file is not None  # noqa: S101  # one of the two is set
        try:
            text = file.read_text("utf-8").strip()
        except (OSError, ValueError) as error:
            raise ConfigurationError(
                f"QLMODELS_OIDC_CLIENT_SECRET_FILE is {str(file)!r}, which cannot be read: {error}."
            ) from error
        if not text:
            raise ConfigurationError(
                f"QLMODELS_OIDC_CLIENT_SECRET_FILE is {str(file)!r}, which is empty. Write the "
                "secret into it."
            )
        return SecretStr(text)


def is_loopback_host(host: str) -> bool:
    """Return whether a host is this machine."""
    if host == "localhost" or host.startswith("/"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def parse_url(text: str, name: str) -> URL:
    """A Postgres URL as people write it, for asyncpg; `name` is the variable it came from.

    libpq's `sslmode` becomes asyncpg's `ssl`; whoever names an authority by `sslrootcert` and no
    mode means verify-full. Raises ConfigurationError, which never shows the
    URL, for it may hold a password.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise ConfigurationError(
            f"{name} cannot be read as a URL: write {_EXAMPLE}, "
            "with special characters of the password percent-encoded (@ is %40)."
        ) from error
    if url.drivername not in _SCHEMES:
        raise ConfigurationError(
            f"{name} begins with {url.drivername}:// but qlmodels speaks to Postgres alone, "
            f"through asyncpg: write {_EXAMPLE}."
        )
    if not url.host or not url.database:
        missing = "host" if not url.host else "database"
        raise ConfigurationError(f"{name} names no {missing}: write {_EXAMPLE}.")
    if url.port is not None and url.port not in _PORTS:
        raise ConfigurationError(
            f"{name} names port {url.port}, which no server has: write {_EXAMPLE}."
        )
    return _with_parameters(url, name).set(drivername="postgresql+asyncpg")


def _with_parameters(url: URL, name: str) -> URL:
    """What stands behind the question mark, in asyncpg's words."""
    for parameter in url.query:
        if parameter not in _PARAMETERS:
            raise ConfigurationError(
                f"{name} has the parameter {parameter}, which means nothing here: leave it out "
                f"(known are {', '.join(_PARAMETERS)})."
            )
    mode = url.query.get("sslmode", url.query.get("ssl"))
    authority = url.query.get("sslrootcert")
    if mode is None and authority is None:
        return url
    mode = mode or "verify-full"
    if mode not in _TLS:
        raise ConfigurationError(f"{name} has an sslmode that is none of {', '.join(_TLS)}.")
    if authority is not None and mode not in _WITH_AUTHORITY:
        raise ConfigurationError(
            f"{name} names an authority by sslrootcert that sslmode={mode} does not ask: "
            "write sslmode=verify-full."
        )
    return url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
