"""What is configured of an OpenID provider, and what cannot be used."""

from typing import Any

import pytest
from qlmodels_admin import OpenIDProvider

from qlmodels.errors import ConfigurationError
from qlmodels.settings import Settings
from tests.support.openid import provider_at


def settings(**values: Any) -> Settings:
    return Settings(
        **{
            "qlmodels_oidc_issuer": "https://id.example",
            "qlmodels_oidc_client_id": "qlmodels",
            "qlmodels_oidc_client_secret": "secret",
            "qlmodels_oidc_roles": '{"fleet-admins": "admin"}',
            **values,
        }
    )


def test_a_provider_is_configured_by_the_environment(tmp_path: Any) -> None:
    file = tmp_path / "secret"
    file.write_text("from a file\n")
    provider = OpenIDProvider.of(
        settings(qlmodels_oidc_client_secret=None, qlmodels_oidc_client_secret_file=file),
        "https://fleet.example/tools/",
    )
    assert provider is not None
    assert provider.client_secret.get_secret_value() == "from a file"
    assert "from a file" not in repr(provider)
    assert provider.role_of({"groups": ["fleet-admins"]}) == "admin"
    assert OpenIDProvider.of(Settings(), None) is None


@pytest.mark.parametrize(
    ("values", "public_url", "said"),
    [
        ({"qlmodels_oidc_issuer": "http://id.example"}, "https://a", "QLMODELS_OIDC_ISSUER is"),
        ({}, None, "QLMODELS_PUBLIC_URL is not"),
        ({}, "http://fleet.example", "QLMODELS_PUBLIC_URL is"),
        ({"qlmodels_oidc_client_id": None}, "https://a", "QLMODELS_OIDC_CLIENT_ID is not"),
        ({"qlmodels_oidc_client_secret": None}, "https://a", "Set either"),
        ({"qlmodels_oidc_client_secret_file": "x"}, "https://a", "Set either"),
        ({"qlmodels_oidc_roles": "admins=admin"}, "https://a", "not a JSON object"),
        ({"qlmodels_oidc_roles": '{"a": "root"}'}, "https://a", "has role 'root'"),
        ({"qlmodels_oidc_roles": "{}"}, "https://a", "No group"),
        ({"qlmodels_oidc_scopes": "profile"}, "https://a", "Add openid"),
    ],
)
def test_what_cannot_be_used_is_said(values: Any, public_url: str | None, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        OpenIDProvider.of(settings(**values), public_url)


@pytest.mark.parametrize("text", ["", "\n"])
def test_an_empty_or_missing_secret_is_said(tmp_path: Any, text: str) -> None:
    file = tmp_path / "secret"
    missing = settings(qlmodels_oidc_client_secret=None, qlmodels_oidc_client_secret_file=file)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        OpenIDProvider.of(missing, "https://fleet.example")
    file.write_text(text)
    with pytest.raises(ConfigurationError, match="is empty"):
        OpenIDProvider.of(missing, "https://fleet.example")


def test_nested_claims_are_found() -> None:
    provider = provider_at(
        "https://id.example", "https://fleet.example", groups_claim="realm_access.roles"
    )
    assert provider.role_of({"realm_access": {"roles": ["fleet-admins"]}}) == "admin"
    assert provider.role_of({"realm_access.roles": ["fleet-readers"]}) == "viewer"
    assert provider.role_of({"realm_access": ["fleet-admins"]}) is None
