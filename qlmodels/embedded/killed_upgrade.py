"""What an upgrade leaves behind that was killed: finished where it was proved, else discarded."""

import os
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from qlmodels.embedded.cluster import data_major
from qlmodels.embedded.errors import ServerFailed
from qlmodels.embedded.home import Home
from qlmodels.embedded.postmaster import read_postmaster
from qlmodels.files import Lock, fsync_path

MARK: Final = "qlmodels-upgrade"
"""The cluster_name of a server that runs for an upgrade alone."""

LEFTOVER_TIMEOUT_S: Final = 600.0
"""Seconds that programs of a killed upgrade may take to end."""


def finish_upgrade(home: Home) -> Path | None:
    """Let proved data take their place, if an upgrade got so far; where the former ones went."""
    if not home.upgraded.exists():
        return None
    former = None
    if (major := data_major(home)) is not None:
        former = home.data.rename(home.former(major))
    home.upgraded.rename(home.data)
    fsync_path(home.path)
    return former


def end_killed_upgrade(home: Home, alive: Lock) -> None:
    """Stop what a killed upgrade left running, and discard what it had not finished.

    Raises ServerFailed.
    """
    unfinished = (home.upgrading, home.upgrade_source)
    if not any(path.exists() for path in unfinished) and not _is_for_upgrade(home.data):
        return
    deadline = time.monotonic() + LEFTOVER_TIMEOUT_S
    while not alive.attempt():
        for data in (*unfinished, home.data):
            server = read_postmaster(data)
            if server and server.serves(data) and _is_for_upgrade(data):
                with suppress(ProcessLookupError):
                    os.kill(server.pid, signal.SIGQUIT)
        if time.monotonic() > deadline:
            raise ServerFailed(
                f"Programs of an upgrade of {home.data} that was killed do not end: end them, and "
                "start again."
            )
        time.sleep(0.05)
    discard_unfinished(home)
    (home.data / "postmaster.pid").unlink(missing_ok=True)


def discard_unfinished(home: Home) -> None:
    for unfinished in (home.upgrading, home.upgrade_source):
        shutil.rmtree(unfinished, ignore_errors=True)


def _is_for_upgrade(data: Path) -> bool:
    try:
        options = (data / "postmaster.opts").read_text()
    except (FileNotFoundError, NotADirectoryError):
        return False
    running = (data / "postmaster.pid").exists()
    return running and ('"-b"' in options or MARK in options)
