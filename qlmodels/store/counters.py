"""What an instance counts in memory between two heartbeats."""

from dataclasses import dataclass, field, fields, replace

MAX_TOTAL_REWARD = 1e300
"""Where a sum of rewards ends, here as in the database."""


@dataclass(slots=True)
class Counters:
    """Counts since the last heartbeat; `episodes` are finished ones that are not recorded."""

    lookups: int = 0
    lookup_hits: int = 0
    pairs: int = 0
    patterns: int = 0
    episodes: int = 0
    successes: int = 0
    total_reward: float = 0.0
    elsewhere: int = 0
    """Episodes of this store that were reported for an instance of another name; these stay."""

    def looked_up(self, found: bool) -> None:
        self.lookups += 1
        self.lookup_hits += found

    def finished(self, success: bool, total_reward: float) -> None:
        self.episodes += 1
        self.successes += success
        total = self.total_reward + max(-MAX_TOTAL_REWARD, min(total_reward, MAX_TOTAL_REWARD))
        self.total_reward = max(-MAX_TOTAL_REWARD, min(total, MAX_TOTAL_REWARD))

    def take(self) -> "Counters":
        """These counts, which begin again at nothing."""
        taken = replace(self, elsewhere=0)
        for field_ in fields(self):
            if field_.name != "elsewhere":
                setattr(self, field_.name, field_.default)
        return taken

    def give_back(self, taken: "Counters") -> None:
        """What could not be told is counted again."""
        for field_ in fields(self):
            setattr(self, field_.name, getattr(self, field_.name) + getattr(taken, field_.name))


@dataclass(slots=True)
class Exploration:
    """Epsilon of one instance: falls with each finished episode, never by choosing."""

    rate: float
    decay: float
    minimum: float
    finished: int
    """Episodes of the instance that the database knows of."""

    tally: Counters = field(repr=False)

    @property
    def epsilon(self) -> float:
        episodes = self.finished + self.tally.elsewhere + self.tally.episodes
        return max(self.minimum, self.rate * self.decay**episodes)
