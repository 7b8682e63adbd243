"""Under which hashes the learned pairs are found: the original's, or ours in their place."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, Final

from qlmodels.files import sql_of
from qlmodels.store.adopted_hashing import (
    original_action_hash,
    original_state_hash,
    original_text,
)
from qlmodels.store.errors import InvalidValue
from qlmodels.store.hashing import identify, parse

sql = sql_of("qlmodels.adopt")

RULES: Final = {"state": original_state_hash, "action": original_action_hash}
BATCH: Final = 5000
"""Documents that are read at a time."""

REHASH_WARNING: Final = (
    "The pairs get the hashes of qlmodels: clients of the original that hash by themselves no "
    "longer find what was learned, and make second pairs. Where some go on, adopt without --rehash."
)


async def keep_hashes(driver: Any) -> tuple[str, ...]:
    """Record that agents hash as the original did, and what its rule does not give; notes of it."""
    await driver.execute(sql("record_hashing"))
    found: Counter[tuple[str, str]] = Counter()
    refused: Counter[tuple[str, str]] = Counter()
    former = None
    async for batch in _documents(driver, refused):
        odd = []
        for row, own in batch:
            document = (row["agent_type"], row["kind"], own)
            if document != former and _by_rule(row) != row["hash"]:
                odd.append((*document, row["hash"]))
            former = document
        found.update((agent_type, kind) for agent_type, kind, *_ in odd)
        await driver.executemany(
            "insert into qlmodels_private.adopted_hashes (agent_type, kind, document_hash, hash)"
            " values ($1, $2, $3, $4) on conflict do nothing",
            odd,
        )
    return (*_notes(found), *_notes_of_refused(refused))


async def rehash(driver: Any) -> tuple[str, ...]:
    """Give every pair and reward the hashes that are ours, one pair to a document."""
    await driver.execute(
        "create table qlmodels_adopt.new_hashes (agent_type text, kind text, document text,"
        " new_hash text, primary key (agent_type, kind, document))"
    )
    refused: Counter[tuple[str, str]] = Counter()
    async for batch in _documents(driver, refused):
        await driver.executemany(
            "insert into qlmodels_adopt.new_hashes values ($1, $2, md5($3::text), $4)"
            " on conflict do nothing",
            [(row["agent_type"], row["kind"], row["document"], own) for row, own in batch],
        )
    await driver.execute(sql("rehash"))
    return (REHASH_WARNING, *_notes_of_refused(refused))


async def _documents(
    driver: Any, refused: Counter[tuple[str, str]]
) -> AsyncIterator[list[tuple[Mapping[str, Any], str]]]:
    """Rows of documents.sql with the hashes that are ours, without those that are refused."""
    await driver.execute("declare documents no scroll cursor for " + sql("documents"))
    while rows := await driver.fetch(f"fetch {BATCH} from documents"):
        hashed = []
        for row in rows:
            try:
                hashed.append((row, identify(parse(row["document"]), row["kind"]).hash))
            except InvalidValue:
                refused[row["agent_type"], row["kind"]] += 1
        yield hashed
    await driver.execute("close documents")


def _by_rule(row: Mapping[str, Any]) -> str:
    document = parse(row["document"])
    return RULES[row["kind"]](document, original_text(document))


def _notes(found: Mapping[tuple[str, str], int]) -> Iterator[str]:
    yield "hashes stay, and agents of every type go on hashing as the original does"
    for (agent_type, kind), number in sorted(found.items()):
        yield (
            f"{number} {kind} documents of {agent_type} have hashes that the original's rule does "
            "not give: they are known one by one"
        )


def _notes_of_refused(refused: Mapping[tuple[str, str], int]) -> Iterator[str]:
    for (agent_type, kind), number in sorted(refused.items()):
        yield (
            f"{number} {kind} documents of {agent_type} hold a number that LearningStore refuses, "
            "such as an integer beyond 2^53: their pairs stay, for clients of the original alone"
        )
