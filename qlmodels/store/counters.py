"""What an instance counts in memory between two heartbeats."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Counters:
    """Counts since the last heartbeat; `episodes` are the finished ones that learned."""

    lookups: int = 0
    lookup_hits: int = 0
    pairs: int = 0
    patterns: int = 0
    episodes: int = 0
    successes: int = 0
    total_reward: float = 0.0

    def looked_up(self, found: bool) -> None:
        self.lookups += 1
        self.lookup_hits += found

    def finished(self, success: bool, total_reward: float) -> None:
        self.episodes += 1
        self.successes += success
        self.total_reward += total_reward

    def take(self) -> "Counters":
        """These counts, which begin again at nothing."""
        taken = Counters(*(getattr(self, name) for name in self.__slots__))
        for name in self.__slots__:
            setattr(self, name, 0.0 if name == "total_reward" else 0)
        return taken

    def give_back(self, taken: "Counters") -> None:
        """What could not be told is counted again."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(taken, name))


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
        episodes = self.finished + self.tally.episodes
        return max(self.minimum, self.rate * self.decay**episodes)
