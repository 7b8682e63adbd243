"""Whose users the panel has: its own, with or without an OpenID provider, or the application's."""

from sqlalchemy.ext.asyncio import AsyncEngine

from qlmodels.errors import ConfigurationError
from qlmodels_admin.auth.authentication import Authentication
from qlmodels_admin.auth.host_users import Authenticate, HostPages, HostUsers
from qlmodels_admin.auth.oidc import OpenIDProvider, require_libraries
from qlmodels_admin.auth.password_sign_in import PasswordSignIn


def people_of(
    engine: AsyncEngine,
    authenticate: Authenticate | None,
    host_pages: HostPages,
    openid: OpenIDProvider | None,
) -> Authentication:
    """Return what finds the user of a request. Raises ConfigurationError."""
    if authenticate is not None and openid is not None:
        raise ConfigurationError(
            "The panel was given authenticate= and an OpenID provider. With authenticate= the "
            "application signs its users in itself: leave openid= out, and QLMODELS_OIDC_ISSUER."
        )
    if authenticate is not None:
        return HostUsers(authenticate, host_pages)
    if openid is None:
        return PasswordSignIn(engine)
    require_libraries()
    from qlmodels_admin.auth.oidc.client import ProviderClient  # of the extra `oidc`

    return PasswordSignIn(engine, ProviderClient(openid))
