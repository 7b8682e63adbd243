"""What is sent to a target: plain JSON signed as Standard Webhooks has it, or Slack's format."""

import base64
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from qlmodels.verdicts import LearningStatus

SECRET_PREFIX: Final = "whsec_"  # noqa: S105  # of the standard, not a secret
_SLACK_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one target; the same identifier at each attempt."""

    message_id: UUID
    format: str
    url: str
    signing_secret: str | None
    changes: Sequence[Mapping[str, Any]]
    created_at: datetime
    attempts: int

    def body(self) -> bytes:
        """Return the body; the same one at each attempt."""
        content = {"webhook": self._plain, "slack": self._slack}[self.format]()
        return json.dumps(content, ensure_ascii=False).encode()

    def headers(self, now: datetime) -> dict[str, str]:
        """Return the headers of an attempt, signed where the target has a secret."""
        headers = {"Content-Type": "application/json", "User-Agent": "qlmodels"}
        if self.signing_secret is not None:
            sent_at = str(int(now.timestamp()))
            signed = f"{self.message_id}.{sent_at}.".encode() + self.body()
            key = base64.b64decode(self.signing_secret.removeprefix(SECRET_PREFIX))
            signature = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
            headers |= {
                "webhook-id": str(self.message_id),
                "webhook-timestamp": sent_at,
                "webhook-signature": f"v1,{signature}",
            }
        return headers

    def _plain(self) -> dict[str, Any]:
        return {
            "type": "agent_types.changed",
            "timestamp": self.created_at.isoformat(),
            "data": {"changes": self.changes},
        }

    def _slack(self) -> dict[str, Any]:
        return {"text": "\n".join(map(_sentence, self.changes))}


def change_of(status: LearningStatus) -> dict[str, Any]:
    """Return what is said of an agent type whose need of attention has changed."""
    return {
        "agent_type": status.agent_type,
        "change": "needs attention" if status.needs_attention else "recovered",
        "verdicts": [*status.verdicts] if status.needs_attention else [],
        "reasons": status.reasons if status.needs_attention else [],
    }


def _sentence(change: Mapping[str, Any]) -> str:
    said = f"{change['agent_type']}: {change['change']}"
    if change["reasons"]:
        said += ". " + " ".join(change["reasons"])
    return said.translate(_SLACK_ESCAPES)
