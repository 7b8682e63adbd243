"""Sign-in: passwords, sessions in the browser, roles, throttling."""

from qlmodels_admin.auth.authentication import (
    Authentication,
    SignInNeeded,
    current_user,
)
from qlmodels_admin.auth.pages import ask_to_confirm, ask_to_sign_in, sign_in_routes
from qlmodels_admin.auth.roles import EVERYBODY, PERMISSIONS, WRITERS, Roles
from qlmodels_admin.auth.sessions import PanelUser

__all__ = [
    "EVERYBODY",
    "PERMISSIONS",
    "WRITERS",
    "Authentication",
    "PanelUser",
    "Roles",
    "SignInNeeded",
    "ask_to_confirm",
    "ask_to_sign_in",
    "current_user",
    "sign_in_routes",
]
