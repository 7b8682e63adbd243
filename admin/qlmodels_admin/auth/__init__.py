"""Sign-in: passwords, sessions in the browser, roles, throttling."""

from qlmodels_admin.auth.authentication import (
    Authentication,
    SignInRefused,
    cookie_path,
    current_user,
    is_secure,
    signed_in,
)
from qlmodels_admin.auth.csrf import FormsOfOurOwn, field, keep, token
from qlmodels_admin.auth.roles import EVERYBODY, PERMISSIONS, WRITERS, Roles
from qlmodels_admin.auth.sessions import PanelUser

__all__ = [
    "EVERYBODY",
    "PERMISSIONS",
    "WRITERS",
    "Authentication",
    "FormsOfOurOwn",
    "PanelUser",
    "Roles",
    "SignInRefused",
    "cookie_path",
    "current_user",
    "field",
    "is_secure",
    "keep",
    "signed_in",
    "token",
]
