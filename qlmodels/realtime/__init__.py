"""Which of our tables Supabase's Realtime publishes."""

from qlmodels.realtime.publication import (
    ALWAYS,
    ON_DEMAND,
    PUBLICATION,
    REALTIME_COST,
    Published,
    published,
    turn_off,
    turn_on,
)

__all__ = [
    "ALWAYS",
    "ON_DEMAND",
    "PUBLICATION",
    "REALTIME_COST",
    "Published",
    "published",
    "turn_off",
    "turn_on",
]
