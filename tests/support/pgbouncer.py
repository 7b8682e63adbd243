"""A real PgBouncer in front of a test server: transaction mode, two server connections a login."""

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from qlmodels.embedded import RunningServer
from qlmodels.embedded.account import account_for

PROGRAM = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")

CONFIGURATION = """
[databases]
* = host={host} port={server_port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
pool_mode = transaction
default_pool_size = 2
max_client_conn = 200
server_reset_query = DISCARD ALL
server_reset_query_always = {reset}
log_connections = 0
log_disconnections = 0
log_stats = 0
"""


@contextmanager
def pgbouncer(
    server: RunningServer, passwords: Mapping[str, str], *, reset: bool = False
) -> Iterator[int]:
    """Its port. `reset` says DISCARD ALL after each transaction."""
    assert PROGRAM is not None, "PgBouncer is not installed: apt-get install pgbouncer"
    account = account_for(server.home / "data")
    home = Path(tempfile.mkdtemp(prefix="qlp"))
    users, settings = home / "users.txt", home / "pgbouncer.ini"
    port = _free_port()
    users.write_text("".join(f'"{name}" "{word}"\n' for name, word in passwords.items()))
    settings.write_text(
        CONFIGURATION.format(
            host=server.host, server_port=server.port, port=port, users=users, reset=int(reset)
        )
    )
    if account is not None:
        for path in (home, users, settings):
            shutil.chown(path, account.uid, account.gid)
    process = subprocess.Popen(
        [PROGRAM, settings],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    try:
        assert process.stderr is not None
        said = list(_until(process.stderr, "process up"))
        assert process.poll() is None, "".join(said)
        yield port
    finally:
        process.terminate()
        process.communicate()
        shutil.rmtree(home)


def _until(lines: Iterator[str], text: str) -> Iterator[str]:
    for line in lines:
        yield line
        if text in line:
            return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
