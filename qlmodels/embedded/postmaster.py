"""What a server writes about itself into postmaster.pid, and whether that is still true."""

import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Postmaster:
    pid: int
    port: int
    socket_folder: Path
    ready: bool

    def answers(self) -> bool:
        """Whether it takes connections, or would if it had one to spare."""
        if not self.ready:
            return False
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5):
                return True
        except OSError:
            return False

    def serves(self, data: Path) -> bool:
        """Whether the process of this id is, as far as we may look, a server of these data.

        Process ids are used again: after a crash the file may name anybody's process.
        """
        command = _command(self.pid)
        if not command or not Path(command[0]).name.startswith("postgres"):
            return False
        if str(data) in command:
            return True
        try:
            return Path(f"/proc/{self.pid}/cwd").readlink() == data
        except OSError:
            return False


def read_postmaster(data: Path) -> Postmaster | None:
    """None when the file is not there or not whole."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        return Postmaster(
            pid=int(lines[0]),
            port=int(lines[3]),
            socket_folder=Path(lines[4]),
            ready=len(lines) > 7 and lines[7].strip() == "ready",
        )
    except (FileNotFoundError, NotADirectoryError, IndexError, ValueError):
        return None


def _command(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        if Path("/proc/self").exists():
            return []
    shown = subprocess.run(
        ["/bin/ps", "-o", "args=", "-p", str(pid)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return shown.stdout.split()
