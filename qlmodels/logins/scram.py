"""SCRAM-SHA-256 verifiers: what Postgres stores in place of a password (RFC 5803)."""

import base64
import hashlib
import hmac
import os

ITERATIONS = 4096


def verifier(password: str, salt: bytes | None = None) -> str:
    """What `create role ... password` takes, so that the password itself never meets a log.

    The password is ASCII: for other characters Postgres would prepare the string first.
    Raises ValueError.
    """
    if not password or not password.isascii():
        raise ValueError("a password must be ASCII and not empty")
    salt = os.urandom(16) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    client = hmac.digest(salted, b"Client Key", "sha256")
    server = hmac.digest(salted, b"Server Key", "sha256")
    stored = hashlib.sha256(client).digest()
    text = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${ITERATIONS}:{text[0]}${text[1]}:{text[2]}"
