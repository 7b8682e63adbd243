"""The tests' temporary files in memory, where a database is cloned in a tenth of the time."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qlmodels.files import Lock

MEMORY = Path("/dev/shm")  # noqa: S108  (a folder of its own is made there)
PREFIX = "qlmodels-tests-"
MIN_FREE_BYTES = 6 * 2**30
"""Two servers of each of two workers, with their write-ahead logs."""


@contextmanager
def in_memory() -> Iterator[None]:
    """Set TMPDIR to a folder in memory, unless it is set already or memory is short."""
    if "TMPDIR" in os.environ or not MEMORY.is_dir() or not _has_room():
        yield
        return
    _remove_leftovers()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=MEMORY))
    folder.chmod(0o755)  # the server's account passes through
    with Lock(folder / "lock") as lock:
        lock.wait()
        os.environ["TMPDIR"], tempfile.tempdir = str(folder), None
        try:
            yield
        finally:
            del os.environ["TMPDIR"]
            tempfile.tempdir = None
            shutil.rmtree(folder, ignore_errors=True)


def _has_room() -> bool:
    lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    kilobytes = next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    return min(shutil.disk_usage(MEMORY).free, kilobytes * 1024) >= MIN_FREE_BYTES


def _remove_leftovers() -> None:
    """Of runs that were killed: nobody holds their locks."""
    for folder in MEMORY.glob(f"{PREFIX}*"):
        with Lock(folder / "lock") as lock:
            if lock.attempt():
                shutil.rmtree(folder, ignore_errors=True)
