"""Logins of agents, orchestrators and the panel; the panel's users."""

from qlmodels.logins.database_logins import (
    CONNECTION_LIMITS,
    LOGIN_PREFIXES,
    BadLoginName,
    LoginExists,
    LoginKind,
    LoginOfOtherDatabase,
    NoSuchLogin,
    create,
    drop,
    ensure,
    list_logins,
    rotate,
    set_limit,
)
from qlmodels.logins.panel_users import (
    PanelRole,
    User,
    UserExists,
    add_user,
    anyone_can_sign_in,
    create_sign_in_link,
    list_users,
    token_hash,
)
from qlmodels.logins.password_hash import (
    MIN_PASSWORD_CHARS,
    PasswordUnfit,
    hash_password,
    password_matches,
)
from qlmodels.logins.scram import verifier

__all__ = [
    "CONNECTION_LIMITS",
    "LOGIN_PREFIXES",
    "MIN_PASSWORD_CHARS",
    "BadLoginName",
    "LoginExists",
    "LoginKind",
    "LoginOfOtherDatabase",
    "NoSuchLogin",
    "PanelRole",
    "PasswordUnfit",
    "User",
    "UserExists",
    "add_user",
    "anyone_can_sign_in",
    "create",
    "create_sign_in_link",
    "drop",
    "ensure",
    "hash_password",
    "list_logins",
    "list_users",
    "password_matches",
    "rotate",
    "set_limit",
    "token_hash",
    "verifier",
]
