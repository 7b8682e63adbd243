"""What a check says when something is wrong."""

from dataclasses import asdict, dataclass
from typing import Literal

Level = Literal["error", "warning", "skipped"]
"""Worst first; `skipped` is what the login that asks cannot tell."""


@dataclass(frozen=True)
class Finding:
    """`fix` is the exact command: SQL for the owner where it ends in a semicolon, else shell."""

    check: str
    level: Level
    what: str
    evidence: str
    why: str
    fix: str

    def document(self) -> dict[str, str]:
        return asdict(self)


def hidden(check: str, what: str, grant: str) -> Finding:
    """The login that asks is not shown what others do."""
    return Finding(
        check,
        "skipped",
        f"{check} could not look at other logins' {what}",
        "this login is no member of pg_read_all_stats",
        "What it looks for may be there, unseen.",
        grant,
    )
