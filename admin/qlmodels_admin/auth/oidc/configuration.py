"""Which OpenID provider signs users in, and which of its groups have which role."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Final, Self
from urllib.parse import urlsplit

from pydantic import SecretStr

from qlmodels.errors import ConfigurationError
from qlmodels.logins import PanelRole
from qlmodels.settings import Settings, is_loopback_host
from qlmodels_admin.auth.roles import ROLES_BY_RANK

OIDC_LIBRARIES: Final = ("authlib", "httpx2", "joserfc")
"""Modules of the extra `oidc`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIDProvider:
    """A provider and the panel's account there.

    `public_url` is the panel's address as browsers see it, without /admin: the provider sends them
    back to PUBLIC_URL/admin/oidc/callback, which is registered there. `roles` maps groups to roles;
    a user of several groups has the highest of their roles. `groups_claim` is read from the ID
    token, else from the provider's userinfo; a dotted one leads into nested claims
    ("realm_access.roles"). `name` is how the sign-in page calls the provider.

    Raises ConfigurationError.
    """

    issuer: str
    client_id: str
    client_secret: SecretStr
    public_url: str
    roles: Mapping[str, PanelRole]
    groups_claim: str = "groups"
    scopes: str = "openid profile"
    name: str = "single sign-on"

    def __post_init__(self) -> None:
        _require_https(self.issuer, "QLMODELS_OIDC_ISSUER")
        _require_https(self.public_url, "QLMODELS_PUBLIC_URL")
        if not self.roles:
            raise ConfigurationError(
                "No group of the OpenID provider has a role, so no user could sign in. Set "
                'QLMODELS_OIDC_ROLES, for example to {"fleet-admins": "admin"}.'
            )
        for group, role in self.roles.items():
            if role not in ROLES_BY_RANK:
                raise ConfigurationError(
                    f"Group {group!r} has role {role!r} in QLMODELS_OIDC_ROLES. "
                    f"Use {', '.join(ROLES_BY_RANK)}."
                )
        if "openid" not in self.scopes.split():
            raise ConfigurationError(
                f"QLMODELS_OIDC_SCOPES is {self.scopes!r}. Add openid, without which a provider "
                "says nothing about its user."
            )

    def role_of(self, claims: Mapping[str, Any]) -> PanelRole | None:
        """Return the highest role of the groups that the claims name; None without one."""
        groups = self.groups_of(claims)
        held = {self.roles[group] for group in groups if group in self.roles}
        return next((role for role in reversed(ROLES_BY_RANK) if role in held), None)

    def groups_of(self, claims: Mapping[str, Any]) -> frozenset[str]:
        """Return the groups that the claims name; none where the claim is missing."""
        value: Any = claims.get(self.groups_claim)
        if value is None:
            value = claims
            for part in self.groups_claim.split("."):
                value = value.get(part) if isinstance(value, Mapping) else None
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list):
            return frozenset()
        return frozenset(text for text in texts if isinstance(text, str))

    @classmethod
    def of(cls, settings: Settings, public_url: str | None) -> Self | None:
        """Return the provider that the settings name; None where they name none."""
        if settings.qlmodels_oidc_issuer is None:
            return None
        if settings.qlmodels_oidc_client_id is None:
            raise ConfigurationError(
                "QLMODELS_OIDC_ISSUER is set and QLMODELS_OIDC_CLIENT_ID is not. Set it to the "
                "panel's client identifier at the provider."
            )
        if public_url is None:
            raise ConfigurationError(
                "QLMODELS_OIDC_ISSUER is set and QLMODELS_PUBLIC_URL is not. Set it to the panel's "
                "address as browsers see it, for example https://fleet.example."
            )
        return cls(
            issuer=settings.qlmodels_oidc_issuer,
            client_id=settings.qlmodels_oidc_client_id,
            client_secret=settings.oidc_client_secret(),
            public_url=public_url,
            roles=_roles(settings.qlmodels_oidc_roles),
            groups_claim=settings.qlmodels_oidc_groups_claim,
            scopes=settings.qlmodels_oidc_scopes,
            name=settings.qlmodels_oidc_name,
        )


def require_libraries() -> None:
    """Raise ConfigurationError where the extra is not installed."""
    if any(find_spec(name) is None for name in OIDC_LIBRARIES):
        raise ConfigurationError(
            "Sign-in by an OpenID provider needs an extra. Install it with "
            "`pip install 'qlmodels[admin,oidc]'`."
        )


def _require_https(url: str, name: str) -> None:
    """Raise ConfigurationError for a URL that others on the network could read or forge."""
    parts = urlsplit(url)
    is_local = parts.scheme == "http" and is_loopback_host(parts.hostname or "")
    if not parts.hostname or not (parts.scheme == "https" or is_local):
        raise ConfigurationError(
            f"{name} is {url!r}. Write an https:// URL; http:// is for this machine alone."
        )


def _roles(text: str | None) -> dict[str, PanelRole]:
    """Return the roles by group that JSON writes."""
    try:
        roles = json.loads(text or "{}")
    except ValueError:
        roles = None
    if not isinstance(roles, dict):
        raise ConfigurationError(
            "QLMODELS_OIDC_ROLES is not a JSON object of groups and roles. Write it as "
            '{"fleet-admins": "admin", "fleet-readers": "viewer"}.'
        )
    return roles
