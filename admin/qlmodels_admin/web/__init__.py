"""HTTP for every page: middleware, assets, templates, the request log."""

from qlmodels_admin.web.assets import Assets, asset_url
from qlmodels_admin.web.carried import (
    FIELDS,
    PATH,
    CarriedForm,
    FormUnsent,
    carried_by_sign_in,
    carried_form,
    hold_back,
    unsent,
)
from qlmodels_admin.web.concurrency_limit import ConcurrencyLimit, TooBusy
from qlmodels_admin.web.forms import is_urlencoded, posted_fields, read_form
from qlmodels_admin.web.handlers import Guard, Handler
from qlmodels_admin.web.middleware import (
    ReadableUrls,
    RootPath,
    SecurityHeaders,
    ServerErrors,
    is_for_script,
)
from qlmodels_admin.web.notices import NOTICE_PARAMETERS, notice_of, notice_query
from qlmodels_admin.web.parameters import known_agent_type, uuid_parameter
from qlmodels_admin.web.paths import TEMPLATES
from qlmodels_admin.web.request_bodies import LimitedBodies
from qlmodels_admin.web.request_log import RequestLog
from qlmodels_admin.web.responses import see_other
from qlmodels_admin.web.same_origin import SameOrigin, configured_origins, public_origin
from qlmodels_admin.web.slow_clients import (
    PatientStream,
    Stalled,
    in_time,
    is_event_stream,
    until_gone,
)
from qlmodels_admin.web.timed_protocol import TimedHTTPProtocol

__all__ = [
    "FIELDS",
    "NOTICE_PARAMETERS",
    "PATH",
    "TEMPLATES",
    "Assets",
    "CarriedForm",
    "ConcurrencyLimit",
    "FormUnsent",
    "Guard",
    "Handler",
    "LimitedBodies",
    "PatientStream",
    "ReadableUrls",
    "RequestLog",
    "RootPath",
    "SameOrigin",
    "SecurityHeaders",
    "ServerErrors",
    "Stalled",
    "TimedHTTPProtocol",
    "TooBusy",
    "asset_url",
    "carried_by_sign_in",
    "carried_form",
    "configured_origins",
    "hold_back",
    "in_time",
    "is_event_stream",
    "is_for_script",
    "is_urlencoded",
    "known_agent_type",
    "notice_of",
    "notice_query",
    "posted_fields",
    "public_origin",
    "read_form",
    "see_other",
    "unsent",
    "until_gone",
    "uuid_parameter",
]
