"""`qlmodels up` as a process of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

QLMODELS = [sys.executable, "-m", "qlmodels"]
PANEL = re.compile(r"^The panel is at (\S+)$")
LINK = re.compile(r"^Sign in once by +(\S+)$")


@contextmanager
def running(
    environment: dict[str, str], folder: Path, *options: str, program: Sequence[str] = QLMODELS
) -> Iterator[dict[str, str]]:
    """`qlmodels up` on a port of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    with serving([*program, "up", "--port", port, *options], folder, environment) as said:
        yield said


@contextmanager
def serving(
    command: list[str], folder: Path, environment: dict[str, str], *, ends: int = 0
) -> Iterator[dict[str, str]]:
    """What it prints while it serves; ended by Ctrl-C in its terminal, which is no failure."""
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,
        # which is ignored in what a shell runs in the background
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        try:
            yield _said(process)
        finally:
            os.killpg(process.pid, signal.SIGINT)
            assert process.wait(timeout=60) == ends


def _said(process: subprocess.Popen[str]) -> dict[str, str]:
    said = {}
    assert process.stdout is not None
    for line in process.stdout:
        for name, pattern in (("panel", PANEL), ("link", LINK)):
            if found := pattern.match(line):
                said[name] = found[1]
        if line.startswith("Ctrl-C"):
            return said
    raise AssertionError("it ended before it served")
