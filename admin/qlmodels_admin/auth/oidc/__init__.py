"""Sign-in by an OpenID provider: whose groups give its users their roles."""

from qlmodels_admin.auth.oidc.configuration import OpenIDProvider, require_libraries

__all__ = ["OpenIDProvider", "require_libraries"]
