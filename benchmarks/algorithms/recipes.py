"""Textbook algorithms with the store, as docs/algorithms.md shows them."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gymnasium

from qlmodels import LearningStore
from qlmodels.store import NextPolicy, Nudge, Transition, epsilon_greedy, greedy


async def sarsa(store: LearningStore, env: gymnasium.Env[Any, Any], alpha: float) -> float:
    """Learn from an episode; the sum of its rewards."""
    state, _ = env.reset()
    action = (await store.select_action(state)).action
    total, terminated = 0.0, False
    while not terminated:
        next_state, reward, terminated, _, _ = env.step(action)
        total += float(reward)
        if terminated:
            await store.learn(state, action, reward, None, terminated=True, learning_rate=alpha)
        else:
            following = (await store.select_action(next_state)).action
            policy = {following: 1.0}
            await store.learn(
                state, action, reward, next_state, next_policy=policy, learning_rate=alpha
            )
            state, action = next_state, following
    return total


async def q_learning(
    store: LearningStore,
    env: gymnasium.Env[Any, Any],
    alpha: float,
    next_policy: NextPolicy | None = None,
) -> float:
    """Learn from an episode; the sum of its rewards. With a policy it is Expected SARSA."""
    state, _ = env.reset()
    action = (await store.select_action(state)).action
    total = 0.0
    while True:
        next_state, reward, terminated, _, _ = env.step(action)
        total += float(reward)
        step = Transition(
            state=state,
            action=action,
            reward=float(reward),
            next_state=next_state,
            terminated=terminated,
            next_policy=next_policy,
            learning_rate=alpha,
        )
        if terminated:
            await store.learn_from(step)
            return total
        _, choice = await store.learn_and_select(step)
        state, action = next_state, choice.action


async def double_q_learning(
    store: LearningStore,
    step: Callable[[str, Any], tuple[float, str | None]],
    legal: Mapping[str, Sequence[Any]],
    rng: random.Random,
    alpha: float = 0.1,
) -> list[Any]:
    """Learn from an episode that begins in A; its actions. Each pair has a value in two tables."""
    state: str | None = "A"
    taken = []
    tables = ["one", "two"]
    while state is not None:
        one, two = [await store.values([name, state], legal[state]) for name in tables]
        chosen, _ = epsilon_greedy(0.1).choose(rng, [a + b for a, b in zip(one, two, strict=True)])
        action = legal[state][chosen]
        reward, next_state = step(state, action)
        table, other = tables if rng.random() < 0.5 else reversed(tables)
        if next_state is None:
            await store.learn(
                [table, state], action, reward, None, terminated=True, learning_rate=alpha
            )
        else:
            actions = legal[next_state]
            best, _ = greedy().choose(rng, await store.values([table, next_state], actions))
            await store.learn(
                [table, state],
                action,
                reward,
                [other, next_state],
                actions,
                next_policy=[(actions[best], 1.0)],
                learning_rate=alpha,
            )
        taken.append(action)
        state = next_state
    return taken


async def n_step_td(
    store: LearningStore,
    states: Sequence[Any],
    rewards: Sequence[float],
    n: int,
    alpha: float,
    gamma: float = 1.0,
) -> None:
    """Learn what states are worth from an episode that terminated."""
    last = len(rewards)
    steps = []
    for at, state in enumerate(states[:-1]):
        ahead = min(n, last - at)
        steps.append(
            Transition(
                state=state,
                action="go",
                reward=sum(gamma**k * rewards[at + k] for k in range(ahead)),
                next_state=states[at + ahead],
                next_actions=["go"],
                terminated=at + ahead == last,
                discount_factor=gamma**ahead,
                learning_rate=alpha,
            )
        )
    await store.learn_many(steps)


async def td_lambda(
    store: LearningStore,
    states: Sequence[Any],
    rewards: Sequence[float],
    decay: float,
    alpha: float,
    gamma: float = 1.0,
) -> None:
    """Learn what states are worth from an episode that terminated; `decay` is lambda."""
    traces: dict[Any, float] = {}
    for at, (state, reward) in enumerate(zip(states[:-1], rewards, strict=True)):
        traces = {each: gamma * decay * trace for each, trace in traces.items()}
        traces[state] = traces.get(state, 0.0) + 1.0
        learned = await store.learn(
            state,
            "go",
            reward,
            states[at + 1],
            ["go"],
            terminated=at + 1 == len(rewards),
            discount_factor=gamma,
            learning_rate=alpha,
            weight=traces[state],
        )
        await store.nudge_many(
            [
                Nudge(each, "go", alpha * learned.td_error * trace)
                for each, trace in traces.items()
                if each != state and trace > 0
            ]
        )
