"""Limits of hosted plans, from one dated file."""

import tomllib
from dataclasses import dataclass
from datetime import date
from importlib import resources


@dataclass(frozen=True, slots=True)
class Plan:
    name: str
    database_bytes: int


@dataclass(frozen=True, slots=True)
class Plans:
    """`source` and `as_of` say where the limits come from."""

    source: str
    as_of: date
    plans: tuple[Plan, ...]


def plans() -> Plans:
    text = (resources.files("qlmodels.estimate") / "plans.toml").read_text("utf-8")
    document = tomllib.loads(text)
    return Plans(
        document["source"], document["as_of"], tuple(Plan(**plan) for plan in document["plans"])
    )
