"""`qlmodels monitoring`: the files that Prometheus and Grafana read."""

from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from qlmodels.errors import QLModelsError


class FileInTheWay(QLModelsError):
    """A file is there already: name another folder."""


def monitoring(
    folder: Annotated[Path, typer.Argument(help="Where to write them; made if it is not there.")],
) -> None:
    """Write Grafana's dashboard, Prometheus' alert rules and a scrape configuration."""
    files = resources.files("qlmodels.monitoring") / "files"
    texts = {file.name: file.read_text("utf-8") for file in files.iterdir() if file.is_file()}
    for name in sorted(texts):
        if (folder / name).exists():
            raise FileInTheWay(
                f"{folder / name} is there already, and may be yours by now: name another folder."
            )
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in sorted(texts.items()):
        (folder / name).write_text(text, "utf-8")
        typer.echo(folder / name)
