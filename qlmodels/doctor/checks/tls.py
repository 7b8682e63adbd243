"""Whether the connection is encrypted, and the server is known to be the one it says it is."""

from dataclasses import dataclass

from qlmodels.connection import VERIFYING, is_loopback
from qlmodels.doctor.check import CheckContext, query
from qlmodels.doctor.finding import Finding

TLS_FIX = (
    "end the URL in ?sslmode=verify-full&sslrootcert=CA.crt (the platform's), "
    "or have it written anew: qlmodels init --force"
)


@dataclass(frozen=True)
class TlsCheck:
    name: str = "tls"
    needs_owner: bool = False

    async def findings(self, context: CheckContext) -> list[Finding]:
        if is_loopback(context.url):
            return []
        mode = str(context.url.query.get("ssl", "prefer"))
        if not await context.connection.fetchval(query(self.name)):
            return [
                Finding(
                    self.name,
                    "error",
                    f"the connection to {context.url.host} is not encrypted",
                    "pg_stat_ssl says so of this connection",
                    "Whoever is on the way reads the rows, and can change what is sent.",
                    TLS_FIX,
                )
            ]
        if mode in VERIFYING or "sslrootcert" in context.url.query:
            return []
        return [
            Finding(
                self.name,
                "warning",
                f"nobody checks that {context.url.host} is who it says it is",
                f"sslmode is {mode}",
                "Encryption without verification is read by whoever answers in the server's place.",
                TLS_FIX,
            )
        ]


CHECK = TlsCheck()
