"""The dashboard is one by Grafana's schema, and the alert rules do what they say."""

import json
import shutil
import subprocess
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from qlmodels.cli.monitoring import FileInTheWay, monitoring

HERE = Path(__file__).parent
FILES = resources.files("qlmodels.monitoring") / "files"
DASHBOARD: dict[str, Any] = json.loads((FILES / "dashboard.json").read_text("utf-8"))
PROMTOOL = shutil.which("promtool") or ""
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def require(schema: str, document: Any, definition: str | None = None) -> None:
    """That `document` is valid by a schema, or by one of its definitions."""
    rules = json.loads((HERE / "grafana" / f"{schema}.json").read_text("utf-8"))
    if definition is not None:
        rules = {"$ref": f"#/definitions/{definition}", "definitions": rules["definitions"]}
    found = [
        f"{fault.json_path}: {fault.message}"
        for fault in Draft7Validator(rules).iter_errors(document)
    ]
    assert found == []


def test_the_dashboard_is_valid() -> None:
    require("dashboard", DASHBOARD)
    for panel in PANELS:
        require(panel["type"], panel["options"], "Options")
        for target in panel["targets"]:
            require("prometheus", target)
        if panel["type"] == "timeseries":
            require("timeseries", panel["fieldConfig"]["defaults"]["custom"], "FieldConfig")


def test_a_wrong_dashboard_is_not_valid() -> None:
    with pytest.raises(AssertionError, match="'everywhere' was unexpected"):
        require("dashboard", DASHBOARD | {"everywhere": True})
    with pytest.raises(AssertionError, match="is not of type"):
        require("dashboard", DASHBOARD | {"title": 7})


def test_panels_do_not_overlap() -> None:
    taken = [
        (x, y)
        for panel in DASHBOARD["panels"]
        for at in [panel["gridPos"]]
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(taken) == len(set(taken))
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_the_command_writes_them_once(tmp_path: Path) -> None:
    monitoring(tmp_path / "new")
    for name in ("dashboard.json", "alerts.yml", "prometheus.yml"):
        assert (tmp_path / "new" / name).read_text("utf-8") == (FILES / name).read_text("utf-8")
    (tmp_path / "new" / "dashboard.json").unlink()
    with pytest.raises(FileInTheWay, match=r"alerts\.yml is there already"):
        monitoring(tmp_path / "new")
    assert not (tmp_path / "new" / "dashboard.json").exists()


@pytest.mark.skipif(not PROMTOOL, reason="promtool is not installed")
def test_the_rules_do_what_they_say(tmp_path: Path) -> None:
    for name in ("alerts.yml", "prometheus.yml"):
        (tmp_path / name).write_text((FILES / name).read_text("utf-8"))
    shutil.copy(HERE / "alerts_test.yml", tmp_path)
    for words in (["check", "config", "prometheus.yml"], ["test", "rules", "alerts_test.yml"]):
        done = subprocess.run([PROMTOOL, *words], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
