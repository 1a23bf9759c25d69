"""Regression tests of fuzzing finds, and a short run of every target with a fixed seed, in case a parser changes."""

from __future__ import annotations

import pytest

from tests.fuzz.mutation import Mutator, attempt
from tests.fuzz.targets import TARGETS

LARGE = b"9" * 400
# Each once raised an undocumented exception, or gave a forbidden result.
FINDS: tuple[tuple[str, bytes], ...] = (
    ("chapters", b'{"chapters":[{"startTime":' + LARGE + b',"title":"A"},{"startTime":1,"title":"B"}]}'),
    ("transcript", b'{"segments":[{"startTime":' + LARGE + b',"body":"A"},{"endTime":-' + LARGE + b',"body":"B"}]}'),
    (
        "feed",
        b"<rss version='2.0'><channel><title>A</title></podcast:person><item><enclosure url='http://a.example/1.mp3'/></item>",
    ),
    ("feed", b"<rss version='2.0' xmlns:p='a b'><p:x/><channel><title>A</title></channel></rss>"),
    ("spoken_json", b'[{"start":1,"body":"Hello.\\ud800"}]'),
    ("spoken_json", b'[{"start":1,"speaker":"Ann\\udfff","text":"Hello."}]'),
    ("opml", "<opml><body><outline text='One\u202e' xmlUrl='https://a.example/1'/></body></opml>".encode()),
)
# Number of inputs per target: about a second of processor time each.
SHORT = {"feed": 60, "opml": 1500, "page": 1500, "vtt": 800, "srt": 800, "transcript": 1500, "chapters": 3000}
SHORT |= {"spoken_json": 1500, "html": 1500, "plain": 1500, "simple_chapters": 60, "json_feed": 400, "quick": 60, "times": 8000}


@pytest.mark.parametrize(("name", "data"), FINDS)
def test_a_find_stays_mended(name: str, data: bytes) -> None:
    assert attempt(TARGETS[name], data) == ""


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.filterwarnings("ignore")
def test_a_short_run_finds_nothing(name: str) -> None:
    target = TARGETS[name]
    assert [attempt(target, seed) for seed in target.seeds] == [""] * len(target.seeds)
    mutator = Mutator(target.seeds, target.words, seed=20261122)
    found = {wrong: data for data in (mutator.next() for _ in range(SHORT[name])) if (wrong := attempt(target, data))}
    assert found == {}


def test_a_find_is_told_and_the_same_seed_gives_the_same_bytes() -> None:
    from tests.fuzz.targets import Target

    def breaks(data: bytes) -> None:
        raise KeyError(data)

    assert attempt(Target(breaks, (b"a",), ()), b"x").startswith("KeyError at test_fuzz.py:")
    one, two = (Mutator((b"abc",), (b"word",), seed=1) for _ in range(2))
    assert [one.next() for _ in range(50)] == [two.next() for _ in range(50)]
