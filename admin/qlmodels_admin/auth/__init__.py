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
from qlmodels_admin.auth.request_bodies import BODY_KEY, FORM, URLENCODED, LimitedBodies
from qlmodels_admin.auth.roles import EVERYBODY, PERMISSIONS, WRITERS, Roles
from qlmodels_admin.auth.sessions import PanelUser

__all__ = [
    "BODY_KEY",
    "EVERYBODY",
    "FORM",
    "MIN_PASSWORD_CHARS",
    "PERMISSIONS",
    "URLENCODED",
    "WRITERS",
    "Authentication",
    "FormsOfOurOwn",
    "LimitedBodies",
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
