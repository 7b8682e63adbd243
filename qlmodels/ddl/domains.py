"""Types with a rule, for the columns that the hot paths write."""

from qlmodels.ddl.objects import declare
from qlmodels.ddl.types import Domain
from qlmodels.tables import metadata

DOMAINS = (
    Domain(
        "finite",
        "double precision",
        "value > '-Infinity' and value < 'Infinity'",
        schema="qlmodels",
        comment="A number; neither infinity nor NaN, which sorts above it",
    ),
    Domain(
        "rate",
        "double precision",
        "value >= 0 and value <= 1",
        schema="qlmodels",
        comment="A share or a probability, from 0 to 1",
    ),
    Domain("count", "integer", "value >= 0", schema="qlmodels", comment="How many or how often"),
)

declare(metadata, *DOMAINS)
