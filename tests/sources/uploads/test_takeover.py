"""Two senders of one upload."""

from __future__ import annotations

import asyncio

import pytest

from core.errors import Conflict
from tests.sources.uploads.conftest import Computer


def test_the_newest_comer_has_the_turn(computer: Computer) -> None:
    turns = computer.uploads.turns
    order: list[str] = []

    async def main() -> None:
        begun = asyncio.Event()

        async def first() -> None:
            begun.set()
            await asyncio.Event().wait()

        async def second() -> None:
            order.append("second")

        waiting = asyncio.create_task(turns.take("a", first))
        await begun.wait()
        await turns.take("a", second)
        with pytest.raises(Conflict):
            await waiting
        with turns.free("a") as free, turns.free("a") as also:
            assert (free, also, turns.taken("a")) == (True, False, True)
        assert not turns.taken("a")

    asyncio.run(main())
    assert order == ["second"]
