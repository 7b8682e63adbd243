"""Passwords of the logins of an embedded server, each in a file that only its owner may read."""

import os
import re
import secrets
import tempfile
from pathlib import Path

from qlmodels.embedded.errors import HomeUnusable, one_sentence


def password_file(home: Path, login: str) -> Path:
    """Where the password of this login lies; the file need not exist."""
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}", login):
        raise HomeUnusable(
            f"The login {login!r} cannot have a password file in {home}: "
            "use letters, digits, `_`, `-` and `.` for its name."
        )
    return home / "passwords" / login


def password_for(home: Path, login: str) -> str:
    """The password of this login, generated when asked for the first time.

    Two processes that ask at once get the same one. Raises HomeUnusable, DiskFull.
    """
    target = password_file(home, login)
    with one_sentence(home):
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not target.exists():
            _generate(target)
        password = target.read_text("ascii").strip()
    if not password:
        raise HomeUnusable(
            f"{target} is empty, so nobody can log in as {login}: "
            "write the password back into it, or remove the file to have a new one made."
        )
    return password


def _generate(target: Path) -> None:
    """Whole or not at all, and never over a password that another process wrote just now."""
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    fresh = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, target)
        except FileExistsError:
            return
    finally:
        fresh.unlink()
