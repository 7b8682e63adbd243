"""Cached readings: when they are renewed, how long callers wait, what a failure leaves."""

import asyncio
import logging

import pytest
from qlmodels_admin.db import Cached

pytestmark = pytest.mark.asyncio


class Source:
    """Counts its readings; each ends once it may, and raises `failure` if there is one."""

    def __init__(self) -> None:
        self.readings = 0
        self.failure: Exception | None = None
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def read(self) -> int:
        self.readings += 1
        number = self.readings
        await self.may_end.wait()
        if self.failure is not None:
            raise self.failure
        return number


async def test_a_value_is_read_again_once_it_is_old() -> None:
    source = Source()
    cached = Cached(source.read, max_age_s=60, first_wait_s=30, stale_wait_s=30)
    assert [await cached.get(), await cached.get()] == [1, 1]
    cached.read_at -= 61
    assert [await cached.get(), await cached.get()] == [2, 2]


async def test_a_reading_takes_its_share_of_the_time_alone() -> None:
    source = Source()
    cached = Cached(source.read, rest_factor=20, first_wait_s=30, stale_wait_s=30)
    await cached.get()
    cached.took_s = 1000.0
    assert await cached.get() == 1
    cached.took_s = 0.0
    assert await cached.get() == 2


async def test_a_failing_reading_rests_too() -> None:
    source = Source()
    cached = Cached(source.read, rest_factor=20, first_wait_s=30, stale_wait_s=30)
    await cached.get()
    source.failure = OSError("away")
    cached.took_s = 0.0
    await cached.get()
    cached.took_s = 1000.0
    await cached.get()
    assert source.readings == 2


async def test_callers_share_one_reading() -> None:
    source = Source()
    cached = Cached(source.read, max_age_s=60, first_wait_s=30, stale_wait_s=30)
    assert await asyncio.gather(*(cached.get() for _ in range(5))) == [1] * 5
    assert source.readings == 1


async def test_the_first_value_is_waited_for_and_a_later_one_is_not() -> None:
    source = Source()
    source.may_end.clear()
    cached = Cached(source.read, max_age_s=60, first_wait_s=0.01, stale_wait_s=0)
    assert await cached.get() is None
    assert cached.is_under_way
    source.may_end.set()
    cached.first_wait_s = 30
    assert await cached.get() == 1
    source.may_end.clear()
    cached.read_at -= 61
    async with asyncio.timeout(25):
        assert await cached.get() == 1
    assert cached.is_under_way
    await cached.stop()
    assert not cached.is_under_way


async def test_a_slow_reading_is_not_waited_for() -> None:
    source = Source()
    cached = Cached(source.read, first_wait_s=30, stale_wait_s=30, quick_s=0.5)
    await cached.get()
    source.may_end.clear()
    cached.took_s = 1.0
    async with asyncio.timeout(25):
        assert await cached.get() == 1
    await cached.stop()


async def test_what_was_forgotten_is_waited_for_as_the_first() -> None:
    source = Source()
    cached = Cached(source.read, max_age_s=60, first_wait_s=30, stale_wait_s=0)
    await cached.get()
    cached.forget()
    assert [await cached.get(), await cached.get()] == [2, 2]


async def test_a_failure_keeps_the_former_value(caplog: pytest.LogCaptureFixture) -> None:
    source = Source()
    cached = Cached(source.read, first_wait_s=30, stale_wait_s=30, raises_first=True)
    await cached.get()
    assert cached.is_current
    source.failure = OSError("away")
    with caplog.at_level(logging.WARNING):
        assert await cached.get() == 1
    assert "the former value stays: away" in caplog.text
    assert not cached.is_current
    source.failure = None
    assert await cached.get() == 3
    assert cached.is_current


@pytest.mark.parametrize("raises_first", [True, False])
async def test_the_first_failure(raises_first: bool) -> None:
    source = Source()
    source.failure = OSError("away")
    cached = Cached(source.read, first_wait_s=30, stale_wait_s=30, raises_first=raises_first)
    if raises_first:
        with pytest.raises(OSError, match="away"):
            await cached.get()
    else:
        assert await cached.get() is None
    source.failure = None
    assert await cached.get() == 2


async def test_an_error_that_is_not_the_databases_is_raised() -> None:
    source = Source()
    source.failure = KeyError("a mistake in the code")
    cached = Cached(source.read, first_wait_s=30, stale_wait_s=30)
    with pytest.raises(KeyError):
        await cached.get()
