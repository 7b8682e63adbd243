"""The rooms of the panel: which may import which, and that each is entered by its face."""

import ast
import shutil
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PANEL = ROOT / "admin" / "qlmodels_admin"
LINTER = Path(sys.executable).with_name("lint-imports")

MAX_ROOMS = 20
MAX_FLOORS = 7
MAX_MODULES = 15
MAX_LINES = 300


def imports() -> Iterator[tuple[Path, str, str]]:
    """Yield each import of the panel by the panel: the file, the module named, the name taken."""
    for file in PANEL.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                "qlmodels_admin"
            ):
                for alias in node.names:
                    yield file, str(node.module), alias.name


def room_of(file: Path) -> str:
    first, *rest = file.relative_to(PANEL).parts
    return first if rest else Path(first).stem


def arrows() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for file, module, name in imports():
        target = module.split(".")[1] if "." in module else name
        if (source := room_of(file)) not in {target, "__init__"}:
            found[source].add(target)
    return found


def floor_of(room: str, graph: dict[str, set[str]], above: tuple[str, ...] = ()) -> int:
    assert room not in above, f"a circle: {' -> '.join([*above, room])}"
    below = graph.get(room, set())
    return 1 + max((floor_of(target, graph, (*above, room)) for target in below), default=0)


def test_rooms_are_few_and_lie_on_few_floors() -> None:
    rooms = {path.name for path in PANEL.iterdir() if (path / "__init__.py").exists()}
    assert len(rooms) <= MAX_ROOMS
    graph = arrows()
    assert max(floor_of(room, graph) for room in graph) <= MAX_FLOORS


def test_rooms_are_entered_by_their_faces() -> None:
    past = [
        f"{file.relative_to(PANEL)} imports {name} from {module}"
        for file, module, name in imports()
        if module.count(".") > 1 and module.split(".")[1] != room_of(file)
    ]
    assert past == []


@pytest.mark.parametrize("package", ["admin/qlmodels_admin", "qlmodels"])
def test_modules_are_short(package: str) -> None:
    lengths = {
        str(file.relative_to(ROOT)): len(file.read_text("utf-8").splitlines())
        for file in (ROOT / package).rglob("*.py")
    }
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


def test_folders_are_small() -> None:
    folders = [folder for folder in PANEL.rglob("*") if (folder / "__init__.py").exists()]
    sizes = {folder.name: len(list(folder.glob("*.py"))) - 1 for folder in folders}
    assert {name: size for name, size in sizes.items() if size > MAX_MODULES} == {}


def passes_on(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function calls another one with its own arguments, and does nothing else."""
    body = [part for part in function.body if not isinstance(part, ast.Expr)]
    if len(body) != 1 or not isinstance(body[0], ast.Return):
        return False
    call = body[0].value.value if isinstance(body[0].value, ast.Await) else body[0].value
    if not isinstance(call, ast.Call) or ast.unparse(call.func).endswith(("str", "repr", "format")):
        return False
    own = [arg.arg for arg in (*function.args.args, *function.args.kwonlyargs)]
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    names = [value.id if isinstance(value, ast.Name) else None for value in given]
    return [name for name in own if name not in {"self", "cls"}] == [
        name for name in names if name not in {"self", "cls"}
    ]


def test_no_function_only_passes_on() -> None:
    found = [
        f"{file.relative_to(PANEL)}: {node.name}"
        for file in PANEL.rglob("*.py")
        if file.name != "sqladmin_compat.py"  # which gives names to sqladmin's private ones
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and passes_on(node)
    ]
    assert found == []


def test_every_room_says_what_it_is() -> None:
    for init in PANEL.rglob("__init__.py"):
        tree = ast.parse(init.read_text("utf-8"))
        assert ast.get_docstring(tree), init
        nodes = [node for node in tree.body if not _is_guard(node)]
        assert all(isinstance(node, ast.Expr | ast.ImportFrom | ast.Assign) for node in nodes), init


def _is_guard(node: ast.stmt) -> bool:
    """Whether it imports, and says what is missing where that fails."""
    return isinstance(node, ast.Try) and all(isinstance(it, ast.ImportFrom) for it in node.body)


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("values/format.py", "from qlmodels_admin.tables import TableView"),
        ("rows/row_store.py", "from qlmodels_admin.web import see_other"),
        ("tables/listing.py", "from qlmodels_admin.pages import Page"),
    ],
)
def test_a_forbidden_import_breaks_the_contracts(tmp_path: Path, module: str, line: str) -> None:
    shutil.copytree(PANEL, tmp_path / "qlmodels_admin")
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    assert any(contract["type"] == "layers" for contract in settings["contracts"])
    file = tmp_path / "qlmodels_admin" / module
    file.write_text(f"{line}\n{file.read_text('utf-8')}", "utf-8")
    done = subprocess.run(
        [LINTER, "--config", ROOT / "pyproject.toml", "--no-cache"],
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    assert "rooms of the panel BROKEN" in done.stdout
