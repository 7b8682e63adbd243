"""Kernel locks: held by open files, so that they end with their holder however it ends."""

import fcntl
import os
from pathlib import Path
from typing import Self


class Lock:
    """A lock on a file. Every instance is a holder of its own, within one process too."""

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def share(self) -> None:
        """Hold it together with others; wait for one who holds it alone."""
        fcntl.flock(self.fd, fcntl.LOCK_SH)

    def wait(self) -> None:
        """Hold it alone; wait for the others to leave."""
        fcntl.flock(self.fd, fcntl.LOCK_EX)

    def attempt(self) -> bool:
        """Hold it alone if nobody else holds it. What was shared before is lost either way."""
        try:
            fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Let go, unless a program that was given `fd` still has it."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
