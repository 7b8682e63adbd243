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
from qlmodels_admin.auth.passwords import MIN_PASSWORD_CHARS, PasswordUnfit, hash_password
from qlmodels_admin.auth.roles import EVERYBODY, PERMISSIONS, WRITERS, Roles
from qlmodels_admin.auth.sessions import PanelUser

__all__ = [
    "EVERYBODY",
    "MIN_PASSWORD_CHARS",
    "PERMISSIONS",
    "WRITERS",
    "Authentication",
    "FormsOfOurOwn",
    "PanelUser",
    "PasswordUnfit",
    "Roles",
    "SignInRefused",
    "cookie_path",
    "current_user",
    "field",
    "hash_password",
    "is_secure",
    "keep",
    "signed_in",
    "token",
]
