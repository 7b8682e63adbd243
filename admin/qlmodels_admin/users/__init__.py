"""The panel's users, as admins see and change them in the panel."""

from qlmodels_admin.users.routes import USERS_PAGE, user_routes

__all__ = ["USERS_PAGE", "user_routes"]
