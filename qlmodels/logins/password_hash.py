"""Hashes of panel users' passwords, by argon2."""

from functools import cache
from typing import Any, Final

from qlmodels.errors import PanelMissing, QLModelsError

MIN_PASSWORD_CHARS: Final = 12
MAX_PASSWORD_CHARS: Final = 200


class PasswordUnfit(QLModelsError):
    """A password has 12 to 200 characters."""


def hash_password(password: str) -> str:
    """Return the argon2 hash of a new password, in about 50 ms.

    Raises PasswordUnfit, and PanelMissing where argon2 is not installed.
    """
    if not MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
        raise PasswordUnfit(
            f"The password has {len(password)} characters: choose one of {MIN_PASSWORD_CHARS} to "
            f"{MAX_PASSWORD_CHARS}, for example four random words."
        )
    return str(_hasher().hash(password))


def password_matches(password_hash: str | None, password: str) -> bool:
    """Return whether the password is right; takes as long where there is no hash to compare with.

    Raises PanelMissing where argon2 is not installed.
    """
    hasher = _hasher()
    from argon2.exceptions import InvalidHashError, VerificationError

    password = password[: MAX_PASSWORD_CHARS + 1]
    try:
        right = hasher.verify(password_hash or _hash_of_no_user(), password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(right) and password_hash is not None


@cache
def _hasher() -> Any:
    try:
        from argon2 import PasswordHasher  # of the panel's extra
    except ImportError as error:
        raise PanelMissing from error
    return PasswordHasher()


@cache
def _hash_of_no_user() -> str:
    return str(_hasher().hash("no user has this password"))
