"""The demo fleet: agents that learn for real."""

import typer


def demo() -> None:
    """Let a fleet learn Taxi, CliffWalking and FrozenLake in the database."""
    typer.echo("")
