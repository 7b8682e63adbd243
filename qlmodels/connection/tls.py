"""TLS as a URL asks for it: which authority is trusted, and whether the host's name is checked."""

import os
import ssl
from pathlib import Path
from typing import Any

from qlmodels.errors import ConfigurationError, DatabaseUnreachable

VERIFYING = ("verify-ca", "verify-full")
SYSTEM_AUTHORITIES = "system"
"""What `sslrootcert` says for the authorities that the operating system trusts, as in libpq."""

# codes of OpenSSL's X509_verify_cert
_OTHER_NAME = {62, 64}
_UNTRUSTED = {18, 19, 20, 21}


def secure(arguments: dict[str, Any]) -> None:
    """Turn a URL's `ssl` and `sslrootcert` into what asyncpg takes, in place.

    As in libpq, `require` with an authority verifies it. Raises ConfigurationError.
    """
    authority = arguments.pop("sslrootcert", None)
    mode = arguments.get("ssl")
    if mode in VERIFYING or (authority is not None and mode == "require"):
        arguments["ssl"] = _context(mode, authority or _usual_authority(mode))


def refusal(wrong: ssl.SSLCertVerificationError, where: str, authority: str) -> DatabaseUnreachable:
    """Why a certificate was not accepted, and what to do: name the right one `authority`."""
    if wrong.verify_code in _OTHER_NAME:
        return DatabaseUnreachable(
            f"The server at {where} has a certificate of another name ({wrong.verify_message}): "
            "write the host as the certificate names it; else somebody answers in its place."
        )
    if wrong.verify_code in _UNTRUSTED:
        return DatabaseUnreachable(
            f"The server at {where} has a certificate of an authority that is not trusted "
            f"({wrong.verify_message}): name the file of the right one {authority}; "
            "else somebody answers in the server's place."
        )
    return DatabaseUnreachable(
        f"The certificate of the server at {where} is not valid ({wrong.verify_message}): "
        "let whoever runs the server renew it."
    )


def _context(mode: str, authority: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = mode == "verify-full"
    if authority == SYSTEM_AUTHORITIES:
        context.load_default_certs()
        return context
    try:
        context.load_verify_locations(cafile=Path(authority).expanduser())
    except (OSError, ssl.SSLError) as unusable:
        raise ConfigurationError(
            f"sslrootcert names {authority}, which is no readable file of certificates "
            f"({unusable.strerror or unusable}): put the authority's certificate there (PEM)."
        ) from unusable
    return context


def _usual_authority(mode: str) -> str:
    """Where libpq looks when the URL names none."""
    usual = os.environ.get("PGSSLROOTCERT") or "~/.postgresql/root.crt"
    if usual != SYSTEM_AUTHORITIES and not Path(usual).expanduser().exists():
        raise ConfigurationError(
            f"sslmode is {mode} and nothing says which authority to trust: end the URL in "
            f"sslrootcert=FILE, or sslrootcert={SYSTEM_AUTHORITIES} for those that the operating "
            "system trusts."
        )
    return usual
