"""Which pooler a URL leads to: by a setting, or by its port."""

from sqlalchemy import URL

from qlmodels.settings import Pooler, Settings

POOLER_PORTS = {6432, 6543}
"""PgBouncer's own port, and the one of Supabase's transaction poolers."""


def pooler_of(url: URL, setting: Pooler | None = None) -> Pooler:
    """Which pooler stands between: `setting` (else QLMODELS_POOLER), or else told by the port."""
    setting = setting or Settings().qlmodels_pooler
    if setting is not None:
        return setting
    return "transaction" if url.port in POOLER_PORTS else "none"
