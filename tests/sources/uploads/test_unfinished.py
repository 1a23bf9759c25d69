"""The limit of unfinished uploads, and the cost of one more: counted in opened files, in a folder with many real ones."""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.domain.episodes.upload import EMPTY_KEPT_SECONDS, KEPT_SECONDS, Upload, UploadOutcome
from core.errors import TooManyUploads
from core.sources.uploads import resumable
from core.sources.uploads.resumable import MOST_UNFINISHED, Resumable
from tests.sources.uploads.test_resumable import Computer

_watching: list[list[str]] = []
sys.addaudithook(lambda event, what: _watching[-1].append(str(what[0])) if event == "open" and _watching else None)


def opened(work: Callable[[], object]) -> int:
    """How many files `work` opens."""
    _watching.append([])
    try:
        work()
    finally:
        seen = _watching.pop()
    return len([each for each in seen if ".part" in each])


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    return Computer(tmp_path / "incoming")


def fill(computer: Computer, count: int, *, size: int = 1, words: dict[str, str] | None = None) -> None:
    """As many more unfinished ones, in the form of one that was really begun."""
    first = computer.begin()
    note: dict[str, Any] = json.loads((computer.folder / f"{first.id}.part.json").read_text())
    computer.uploads.remove(first.id)
    for number in range(count):
        part = computer.folder / f"{uuid.uuid4().hex}.part"
        part.write_bytes(b"a" * size)
        said = note | {"words": (words or {}) | {"fingerprint": f"{number}|talk"}}
        part.with_name(f"{part.name}.json").write_text(json.dumps(said))


def begin(computer: Computer, fingerprint: str = "") -> Upload:
    return computer.uploads.create(1000, {"filename": "talk.wav", **({"fingerprint": fingerprint} if fingerprint else {})})


WAYS: dict[str, Callable[[Computer], object]] = {
    "one without a fingerprint": begin,
    "one that nobody knows": lambda computer: begin(computer, "new"),
    "one that is begun anew": lambda computer: begin(computer, "7|talk"),
}


@pytest.mark.parametrize("way", WAYS)
def test_beginning_one_opens_no_more_files_among_many(tmp_path: Path, way: str) -> None:
    counts = []
    for many in (20, 400):
        computer = Computer(tmp_path / f"{many}")
        fill(computer, many)
        begin(computer, "warm")
        counts.append(opened(lambda computer=computer: WAYS[way](computer)))  # type: ignore[misc]
    assert counts[0] == counts[1] <= 10


def test_after_a_start_nothing_is_left_to_be_read(computer: Computer) -> None:
    fill(computer, 100)
    computer.restart()
    computer.uploads.recover()
    assert opened(lambda: begin(computer, "new")) <= 10


def test_what_arrives_meanwhile_is_looked_at_and_nothing_else(computer: Computer) -> None:
    fill(computer, 300)
    begin(computer, "warm")
    alone = opened(lambda: begin(computer))
    ids = sorted(computer.uploads._unfinished.ids())[:3]
    for each in ids:
        assert computer.uploads.turns._occupy(each)
    assert opened(lambda: begin(computer)) == alone + 3


def test_what_is_young_is_not_opened_to_see_whether_it_is_old(computer: Computer) -> None:
    fill(computer, 300)
    computer.clock.now = computer.uploads.listing()[0].touched_at
    assert opened(computer.uploads.expire) == 0


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(resumable, "MOST_UNFINISHED", 5)
    yield 5


def test_no_more_than_so_many_wait(computer: Computer, few: int) -> None:
    made = [begin(computer, str(number)) for number in range(few)]
    computer.clock.now = made[0].touched_at
    with pytest.raises(TooManyUploads) as refused:
        begin(computer)
    assert (refused.value.status, refused.value.params) == (429, {"most": few})
    assert len(list(computer.folder.iterdir())) == 2 * few


@pytest.mark.parametrize("way", ["cancelled", "settled", "begun anew", "old", "empty for an hour"])
def test_whatever_ends_one_makes_room(computer: Computer, few: int, way: str) -> None:
    made = [begin(computer, str(number)) for number in range(few)]
    computer.clock.now = made[0].touched_at
    if way != "empty for an hour":
        for upload in made:
            computer.append(upload, b"a" * 10)
    if way == "cancelled":
        computer.uploads.remove(made[2].id)
    elif way == "settled":
        computer.uploads.settle(made[2], UploadOutcome(1, True))
    elif way == "old":
        computer.clock.now += KEPT_SECONDS + 60
    elif way == "empty for an hour":
        computer.clock.now += EMPTY_KEPT_SECONDS + 60
    assert begin(computer, "3" if way == "begun anew" else "")


def test_what_has_bytes_is_kept_a_week_and_what_has_none_an_hour(computer: Computer) -> None:
    empty, begun = begin(computer), computer.append(begin(computer), b"a" * 10)
    assert empty.expires_at - empty.touched_at == EMPTY_KEPT_SECONDS
    assert begun.expires_at - begun.touched_at == KEPT_SECONDS
    computer.clock.now = begun.touched_at + EMPTY_KEPT_SECONDS + 60
    computer.uploads.expire()
    assert [each.id for each in computer.uploads.listing()] == [begun.id]


def test_a_note_that_cannot_be_read_stops_no_other_upload(computer: Computer) -> None:
    fill(computer, 3)
    for number, said in enumerate(("", "{", "[]", '{"words": 7}', "null")):
        part = computer.folder / f"{number:032x}.part"
        part.write_bytes(b"a")
        part.with_name(f"{part.name}.json").write_text(said)
    assert begin(computer, "1|talk").offset == 0


def test_a_restarted_server_counts_what_waits(computer: Computer, few: int) -> None:
    made = [computer.append(begin(computer, str(number)), b"a" * 10) for number in range(few)]
    computer.clock.now = made[0].touched_at
    computer.restart()
    with pytest.raises(TooManyUploads):
        begin(computer)
    assert begin(computer, "2").id not in {each.id for each in made}


def test_the_limit_is_a_thousand() -> None:
    assert MOST_UNFINISHED == 1000
    assert Resumable(Path("nowhere"), lambda: (1, 1)).listing() == []
