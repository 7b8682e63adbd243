"""Sign-in: passwords, sessions in the browser, roles, throttling."""

from qlmodels_admin.auth.authentication import Authentication, SignInNeeded, current_user
from qlmodels_admin.auth.host_users import Authenticate, HostPages, HostUsers
from qlmodels_admin.auth.oidc import OpenIDProvider
from qlmodels_admin.auth.pages import ask_to_confirm, ask_to_sign_in
from qlmodels_admin.auth.password_sign_in import PasswordSignIn, SignInRefused
from qlmodels_admin.auth.roles import ADMINS, EVERYBODY, PERMISSIONS, ROLES_BY_RANK, WRITERS, Roles
from qlmodels_admin.auth.routes import account_routes
from qlmodels_admin.auth.sessions import PanelUser
from qlmodels_admin.auth.setup import people_of

__all__ = [
    "ADMINS",
    "EVERYBODY",
    "PERMISSIONS",
    "ROLES_BY_RANK",
    "WRITERS",
    "Authenticate",
    "Authentication",
    "HostPages",
    "HostUsers",
    "OpenIDProvider",
    "PanelUser",
    "PasswordSignIn",
    "Roles",
    "SignInNeeded",
    "SignInRefused",
    "account_routes",
    "ask_to_confirm",
    "ask_to_sign_in",
    "current_user",
    "people_of",
]
