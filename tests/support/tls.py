"""A real server with a certificate of a real authority."""

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from qlmodels.embedded import Binaries, EmbeddedServer, all_binaries, provision
from qlmodels.embedded.account import account_for

WITH_TLS = [found for found in all_binaries() if found.major < 18]
"""The embedded server is built without."""

EXTENSIONS = "basicConstraints=critical,CA:true"


@dataclass(frozen=True)
class Secured:
    """Where it listens, the authority that signed its certificate, and one that did not."""

    url: URL
    authority: Path
    stranger: Path

    def asking(self, **query: str) -> URL:
        """By the name in the certificate, which is localhost."""
        return self.url.set(host="localhost").update_query_dict(query)


@contextmanager
def secured_server(binaries: Binaries) -> Iterator[Secured]:
    home = Path(tempfile.mkdtemp(prefix="qlt"))
    home.chmod(0o755)
    try:
        authority = make_authority(home, "authority")
        certificate, key = make_certificate(home, authority, "localhost")
        if account := account_for(home / "server" / "data"):
            shutil.chown(key, account.uid, account.gid)
        settings = {"ssl": "on", "ssl_cert_file": str(certificate), "ssl_key_file": str(key)}
        server = EmbeddedServer(
            home / "server", binaries=binaries, durable=False, settings=settings
        )
        with server as running:
            owner = asyncio.run(provision(running))
            yield Secured(owner, authority, make_authority(home, "stranger"))
    finally:
        shutil.rmtree(home)


def openssl(*words: str | Path) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True)  # noqa: S607


def make_authority(folder: Path, name: str) -> Path:
    certificate = folder / f"{name}.crt"
    openssl(
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-subj",
        f"/CN={name}",
        "-addext",
        EXTENSIONS,
        "-days",
        "2",
        "-keyout",
        certificate.with_suffix(".key"),
        "-out",
        certificate,
    )
    return certificate


def make_certificate(folder: Path, authority: Path, host: str) -> tuple[Path, Path]:
    certificate, key = folder / "server.crt", folder / "server.key"
    openssl(
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-subj",
        f"/CN={host}",
        "-addext",
        f"subjectAltName=DNS:{host}",
        "-days",
        "2",
        "-CA",
        authority,
        "-CAkey",
        authority.with_suffix(".key"),
        "-keyout",
        key,
        "-out",
        certificate,
    )
    certificate.chmod(0o644)
    return certificate, key
