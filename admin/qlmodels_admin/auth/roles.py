"""What each role may do, asked on the server for every route."""

from typing import Any, Final

from sqladmin.authorization import Action, AuthorizationBackend
from starlette.requests import Request

from qlmodels.logins import PanelRole

ROLES_BY_RANK: Final[tuple[PanelRole, ...]] = ("viewer", "editor", "admin")
"""Each may do what those before it may."""

EVERYBODY: Final[frozenset[PanelRole]] = frozenset(ROLES_BY_RANK)
WRITERS: Final[frozenset[PanelRole]] = frozenset({"editor", "admin"})
ADMINS: Final[frozenset[PanelRole]] = frozenset({"admin"})

READ_ACTIONS = frozenset({Action.LIST, Action.DETAILS, Action.EXPORT})
WRITE_ACTIONS = frozenset({Action.CREATE, Action.EDIT, Action.IMPORT})

PERMISSIONS: Final[dict[PanelRole, frozenset[Action]]] = {
    "viewer": READ_ACTIONS,
    "editor": READ_ACTIONS | WRITE_ACTIONS,
    "admin": READ_ACTIONS | WRITE_ACTIONS | {Action.DELETE},
}
"""Actions of a view's own are for editors."""


class Roles(AuthorizationBackend):
    """Viewers read and export, editors also create and change, admins also delete."""

    def has_permission(
        self,
        request: Request,
        identity: str,  # noqa: ARG002
        action: str,
        obj: Any | None = None,  # noqa: ARG002
    ) -> bool:
        user = getattr(request.state, "panel_user", None)
        if user is None:
            return False
        if action.startswith("action:"):
            return user.role in WRITERS
        return action in PERMISSIONS[user.role]
