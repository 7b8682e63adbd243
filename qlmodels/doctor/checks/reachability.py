"""Whether each address that is configured lets its login in."""

from sqlalchemy import URL

from qlmodels.connection import connect
from qlmodels.doctor.finding import Finding
from qlmodels.errors import DatabaseUnreachable, LoginRefused


async def unreachable(variable: str, url: URL) -> Finding | None:
    """What keeps `url` from being reached, which the environment's `variable` holds."""
    try:
        async with connect(url):
            return None
    except (DatabaseUnreachable, LoginRefused) as refusal:
        return Finding(
            "reachability",
            "error",
            f"{url.host}:{url.port or 5432} does not let {url.username} in",
            str(refusal),
            f"{variable} is that address: nothing works that uses it.",
            f"export {variable}=postgresql://USER:PASSWORD@HOST:5432/DATABASE",
        )
