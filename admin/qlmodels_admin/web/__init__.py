"""HTTP for every page: middleware, assets, templates, the request log."""

from qlmodels_admin.web.assets import Assets, asset_url
from qlmodels_admin.web.concurrency_limit import ConcurrencyLimit, TooBusy
from qlmodels_admin.web.middleware import (
    SAFE_METHODS,
    ReadableUrls,
    RootPath,
    SameOrigin,
    SecurityHeaders,
)
from qlmodels_admin.web.paths import TEMPLATES
from qlmodels_admin.web.request_log import RequestLog
from qlmodels_admin.web.sending import PatientStream, Stalled, in_time, until_gone

__all__ = [
    "SAFE_METHODS",
    "TEMPLATES",
    "Assets",
    "ConcurrencyLimit",
    "PatientStream",
    "ReadableUrls",
    "RequestLog",
    "RootPath",
    "SameOrigin",
    "SecurityHeaders",
    "Stalled",
    "TooBusy",
    "asset_url",
    "in_time",
    "until_gone",
]
