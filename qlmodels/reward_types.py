"""The kinds of rewards, as the rewards table and the store have them."""

from typing import Final, Literal, TypeAlias, get_args

RewardType: TypeAlias = Literal["immediate", "delayed", "terminal", "shaping"]

REWARD_TYPES: Final[tuple[str, ...]] = get_args(RewardType)
