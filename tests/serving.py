"""`qlmodels up` as a process of its own."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

QLMODELS = [sys.executable, "-m", "qlmodels"]
PANEL = re.compile(r"^The panel is at (\S+)$")
LINK = re.compile(r"^Sign in once by +(\S+)$")


@contextmanager
def running(environment: dict[str, str], folder: Path, *options: str) -> Iterator[dict[str, str]]:
    """What it prints while it serves; ended by Ctrl-C, which is no failure."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [*QLMODELS, "up", "--port", port, *options]
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield _said(process)
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=60) == 0


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
