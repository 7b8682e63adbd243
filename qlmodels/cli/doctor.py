"""`qlmodels doctor`: what is wrong, why it matters, what fixes it."""

import asyncio
import json
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from qlmodels.cli.progress import bars
from qlmodels.doctor import CHECKS, Finding, diagnose
from qlmodels.owner import owner_database
from qlmodels.settings import Settings


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Say what is wrong with the database and how to fix it; exit code 1 on an error."""
    with owner_database() as url, bars() as watch:
        on_check = watch.part("checks", len(CHECKS))
        findings = asyncio.run(diagnose(url, Settings().panel_url(), on_check))
    if as_json:
        typer.echo(json.dumps([finding.document() for finding in findings], indent=2))
    else:
        _show(findings)
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(1)


def _show(findings: Sequence[Finding]) -> None:
    console = Console()
    for finding in findings:
        style = "bold red" if finding.level == "error" else "bold yellow"
        console.print(Text.assemble((finding.level, style), f"  {finding.what} ({finding.check})"))
        for label, text in (
            ("evidence", finding.evidence),
            ("why", finding.why),
            ("fix", finding.fix),
        ):
            console.print(Text(f"  {label:<9} {text}"))
    if not findings:
        typer.echo("Nothing is wrong.")
