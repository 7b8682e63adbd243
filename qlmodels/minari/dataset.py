"""Writing a dataset: one snapshot of one agent type's episodes, whole or not at all."""

import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import asyncpg
from minari.dataset.minari_storage import MinariStorage
from minari.storage.datasets_root_dir import get_dataset_path
from sqlalchemy import URL

import qlmodels
from qlmodels import migrate
from qlmodels.archive.exporting import chosen_agents, moment_of, snapshot
from qlmodels.connection import connect
from qlmodels.errors import QLModelsError
from qlmodels.files import Lock, Progress, SilentProgress, fsync_path
from qlmodels.minari.environment_spaces import spaces_of
from qlmodels.minari.episodes import StoredEpisode, episodes
from qlmodels.minari.spaces import Space, SpaceSketch

_ID = re.compile(r"(?:[A-Za-z0-9_-]+/)*[A-Za-z0-9_-]+-v[0-9]+")


class InvalidDatasetId(QLModelsError):
    """Minari's ids are a name and a version, below namespaces or not: fleet/taxi-v0."""


class DatasetExists(QLModelsError):
    """There is a dataset of that id: name another version."""


class NothingToExport(QLModelsError):
    """The agent type has no episode that can be one of Minari's."""


@dataclass(slots=True)
class ExportCounts:
    """What becomes of the trajectories of an agent type."""

    episodes: int = 0
    steps: int = 0
    were_left: int = 0
    """Episodes that neither the environment nor a limit ended: they count as truncated."""

    left_out: Counter[str] = field(default_factory=Counter)
    """How many trajectories are no episode of the dataset, by reason."""

    def count(self, batch: Iterable[StoredEpisode]) -> None:
        for episode in batch:
            if episode.fault is None:
                self.episodes += 1
                self.steps += len(episode.actions)
                self.were_left += episode.was_left
            else:
                self.left_out[episode.fault] += 1


@dataclass(frozen=True, slots=True)
class Exported:
    """A dataset that was written, and where."""

    dataset_id: str
    folder: Path
    tally: ExportCounts


async def export_dataset(
    owner: URL,
    agent_type: str,
    *,
    dataset_id: str | None = None,
    root: Path | None = None,
    environment: str | None = None,
    watch: Progress | None = None,
) -> Exported:
    """Write the trajectories of an agent type, as they are at one moment, as a Minari dataset.

    `owner` is the URL of the migrating login. `dataset_id` is the agent type and -v0 by default,
    `root` the folder where Minari keeps its datasets. With the name of a Gymnasium `environment`
    the spaces are that one's, which every state and action must be in; else they are told from
    the values. Memory holds a batch of episodes, and each distinct value that is no number.

    Raises InvalidDatasetId, DatasetExists, UnknownAgentType, UnknownEnvironment, NotInSpace,
    NothingToExport, WrongRevision.
    """
    dataset_id = dataset_id or f"{agent_type}-v0"
    if not _ID.fullmatch(dataset_id):
        raise InvalidDatasetId(
            f"{dataset_id} is no id of a Minari dataset: it is a name and a version, below "
            f"namespaces or not, as in {agent_type}-v0 or fleet/{agent_type}-v0."
        )
    await migrate.require_head(owner)
    async with connect(owner) as connection, snapshot(connection):
        await chosen_agents(connection, [agent_type])
        source = _Source(connection, agent_type, watch or SilentProgress())
        root = root or get_dataset_path()
        with _new_folder(root, dataset_id) as folder:
            await _write(source, folder / "data", dataset_id, environment)
    return Exported(dataset_id, root / dataset_id, source.tally)


@contextmanager
def _new_folder(root: Path, dataset_id: str) -> Iterator[Path]:
    """A hidden folder, which Minari passes over, that becomes the dataset's at the end.

    Raises DatasetExists.
    """
    final = root / dataset_id
    final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part, locked = (final.with_name(f".{final.name}.{end}") for end in ("part", "lock"))
    with Lock(locked) as lock:
        if not lock.attempt():
            raise DatasetExists(f"Another export is writing {final}: wait for its end.")
        try:
            _refuse_to_overwrite(final, dataset_id)
            shutil.rmtree(part, ignore_errors=True)  # what a cut export left
            part.mkdir(mode=0o700)
            yield part
            _name(part, final, root)
        finally:
            shutil.rmtree(part, ignore_errors=True)
            locked.unlink(missing_ok=True)


def _refuse_to_overwrite(final: Path, dataset_id: str) -> None:
    if final.exists():
        name, _, number = dataset_id.rpartition("-v")
        raise DatasetExists(
            f"{final} is there already, and exports never overwrite a dataset: name the next "
            f"version by --id {name}-v{int(number) + 1}."
        )


def _name(part: Path, final: Path, root: Path) -> None:
    """Give the folder its name once all of it is on the disk."""
    for path in [*part.rglob("*"), part]:
        fsync_path(path)
    for namespace in final.relative_to(root).parents[:-1]:
        page = root / namespace / "namespace_metadata.json"
        if not page.exists():
            page.write_text("{}", "utf-8")
    part.rename(final)
    fsync_path(final.parent)


class _Source:
    """The episodes of one agent type, which are looked at three times."""

    def __init__(self, connection: asyncpg.Connection, agent_type: str, watch: Progress) -> None:
        self.connection = connection
        self.agent_type = agent_type
        self.watch = watch
        self.tally = ExportCounts()

    async def look(self, what: str) -> AsyncIterator[list[StoredEpisode]]:
        """Those that can be Minari's, in batches; all are counted in `tally` at the end."""
        query = "select count(*) from trajectories where agent_type = $1"
        total: int = await self.connection.fetchval(query, self.agent_type) or 0
        on_rows = self.watch.part(what, total)
        self.tally = ExportCounts()
        async for batch in episodes(self.connection, self.agent_type):
            on_rows(len(batch))
            self.tally.count(batch)
            yield [episode for episode in batch if episode.fault is None]

    async def spaces(self) -> tuple[Space, Space]:
        """Those that states and actions have in common. Raises NothingToExport."""
        states, actions = SpaceSketch(), SpaceSketch()
        async for batch in self.look("spaces"):
            for episode in batch:
                states.see_all(episode.states)
                actions.see_all(episode.actions)
        if not self.tally.episodes:
            why = "".join(f"; of {n:,} {fault}" for fault, n in self.tally.left_out.items())
            raise NothingToExport(
                f"{self.agent_type} has no episode that can be one of Minari's{why}. "
                "Nothing was written."
            )
        return states.space(), actions.space()


async def _write(source: _Source, data: Path, dataset_id: str, environment: str | None) -> None:
    """Raises NothingToExport, UnknownEnvironment, NotInSpace."""
    states, actions = await source.spaces()
    specification = None
    if environment is not None:
        states, actions, specification = spaces_of(environment)
    async for batch in source.look("names"):
        for episode in batch:
            states.learn(episode.states)
            actions.learn(episode.actions)
    storage = MinariStorage.new(
        data, states.space, actions.space, specification, jpeg_encoding=False
    )
    done = 0
    async for batch in source.look("episodes"):
        numbers = range(done, done := done + len(batch))
        storage.update_episodes(episode.buffer(states, actions) for episode in batch)
        storage.update_episode_metadata(
            (episode.metadata(source.agent_type) for episode in batch), numbers
        )
    storage.update_metadata(
        {
            "description": f"Episodes of the agent type {source.agent_type}.",
            "qlmodels": {
                "version": qlmodels.__version__,
                "agent_type": source.agent_type,
                "exported_at": (await moment_of(source.connection)).isoformat(),
                "left_out": dict(source.tally.left_out),
                "states": states.names,
                "actions": actions.names,
            },
            "minari_version": version("minari"),
            "dataset_id": dataset_id,  # without which nobody can open it
        }
    )
