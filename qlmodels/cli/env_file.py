"""A `.env` that holds a password: for its owner's eyes alone, and never in a repository."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from qlmodels.errors import ConfigurationError
from qlmodels.files import fsync_path


def names_in(path: Path) -> set[str]:
    """The variables that the file sets; none where there is no file."""
    return set(dotenv_values(path))


def write(path: Path, values: Mapping[str, str], comments: Mapping[str, str]) -> None:
    """Set `values` in the file, whole or not at all, and leave its other lines as they are.

    Only its owner may read it afterwards. Values are URLs, percent-encoded: the quotes are for a
    shell, which would take & for its own.
    """
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    kept = [line for line in lines if _name(line) not in values]
    for name, value in values.items():
        comment = f"# {comments[name]}"
        if comment not in kept:
            kept.append(comment)
        kept.append(f"{name}='{value}'")
    fresh = path.with_name(f"{path.name}.part")
    fresh.unlink(missing_ok=True)  # of one that was killed
    try:
        fresh.touch(mode=0o600, exist_ok=False)
        fresh.write_text("\n".join(kept) + "\n", "utf-8")
        fsync_path(fresh)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def keep_out_of_git(path: Path) -> Path | None:
    """See to it that git ignores the file; the .gitignore that was written for it, if one was.

    Raises ConfigurationError where git tracks the file already.
    """
    folder = path.parent.resolve()
    if not any((above / ".git").exists() for above in (folder, *folder.parents)):
        return None
    if _git(folder, "ls-files", "--error-unmatch", path.name):
        raise ConfigurationError(
            f"Git tracks {path}, so that the password would be in the repository: "
            f"`git rm --cached {path.name}` first."
        )
    if _git(folder, "check-ignore", "--quiet", path.name):
        return None
    ignore = folder / ".gitignore"
    before = ignore.read_text("utf-8") if ignore.exists() else ""
    if before and not before.endswith("\n"):
        before += "\n"
    ignore.write_text(f"{before}{path.name}\n", "utf-8")
    return ignore


def _name(line: str) -> str:
    """The variable that a line sets."""
    name, equals, _ = line.partition("=")
    name = name.strip().removeprefix("export ").strip()
    return name if equals and not name.startswith("#") else ""


def _git(folder: Path, *words: str) -> bool:
    try:
        done = subprocess.run(
            ["git", *words],  # noqa: S607 - looked up as the person's shell does
            cwd=folder,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        return False
    return done.returncode == 0
