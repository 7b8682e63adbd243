"""Passwords of the logins of an embedded server, each in a file that only its owner may read."""

import os
import re
import secrets
import tempfile
from contextlib import suppress
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


def keep_password(home: Path, login: str, password: str) -> None:
    """Write down the password that a login has from now on. Raises HomeUnusable, DiskFull."""
    target = password_file(home, login)
    with one_sentence(home):
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _written_beside(target, password).replace(target)


def _generate(target: Path) -> None:
    """Whole or not at all, and never over a password that another process wrote just now."""
    fresh = _written_beside(target, secrets.token_urlsafe(32))
    try:
        with suppress(FileExistsError):
            os.link(fresh, target)
    finally:
        fresh.unlink()


def _written_beside(target: Path, password: str) -> Path:
    """A file of its own with the password, on the disk."""
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(password + "\n")
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        Path(name).unlink()
        raise
    return Path(name)
