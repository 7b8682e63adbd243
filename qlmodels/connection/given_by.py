"""By which settings an address was given, so that a message names what to change."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import URL

from qlmodels.errors import ConfigurationError
from qlmodels.settings import Settings


@dataclass(frozen=True, slots=True)
class GivenBy:
    """What to check or change, as the end of a sentence."""

    login: str
    database: str
    host: str
    address: str
    tls: str
    authority: str


BY_URL: Final = GivenBy(
    login="the user name and the password in the URL (special characters must be percent-encoded)",
    database="name another one in the URL",
    host="check it in the URL",
    address="address and port in the URL",
    tls="leave sslmode out of the URL",
    authority="as sslrootcert in the URL",
)
BY_SUPABASE_DB: Final = GivenBy(
    login="SUPABASE_DB_USER and SUPABASE_DB_PASSWORD",
    database="name another one in SUPABASE_DB_NAME",
    host="check SUPABASE_DB_HOST",
    address="SUPABASE_DB_HOST and SUPABASE_DB_PORT",
    tls="set DATABASE_URL, which can go without: SUPABASE_DB_HOST asks for it on other machines",
    authority="in SUPABASE_DB_SSLROOTCERT",
)


def given_by(url: URL) -> GivenBy:
    """Return the words for SUPABASE_DB_* where `url` was made of them, else those for a URL."""
    try:
        settings = Settings()
        configured = settings.owner_url()
    except ConfigurationError:
        return BY_URL
    if settings.database_url is not None or configured is None:
        return BY_URL
    same = (configured.host, configured.port, configured.username, configured.password)
    is_that = same == (url.host, url.port, url.username, url.password)
    return BY_SUPABASE_DB if is_that else BY_URL
