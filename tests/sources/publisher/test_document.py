from __future__ import annotations

import pytest

from core.domain.episodes.publisher_extras import Chapters, ExtraKind, Offer, SuppliedTranscript
from core.errors import ShuttingDown, TooLarge, UserError
from core.net.web import Fetcher
from core.sources.publisher import chapters, document, transcript
from core.sources.publisher.document import Asked, read_document
from core.sources.publisher.fetch import MOST_BYTES, fetch_all
from tests.fakes.podcast_host import PodcastHost

URL = "https://user:secret@pods.example/t.vtt?key=secret"
TRANSCRIPT = Asked(ExtraKind.TRANSCRIPT, URL, "text/vtt", "en", ("Ann Lee",))
VTT = "WEBVTT\n\n00:00.000 --> 00:01.500\nAnn: Grüße \U0001f600 &amp; 节目.\n\n00:02.000 --> 00:03.000\n<v Bob>Yes.\n".encode()
CHAPTERS = b'{"chapters": [{"startTime": 0, "title": "One", "url": "/a"}, {"startTime": 9.5, "title": "Two"}]}'


def test_what_is_parsed_apart_is_what_is_parsed_here() -> None:
    there = read_document(VTT, TRANSCRIPT)
    assert isinstance(there, SuppliedTranscript)
    assert there == transcript.parse(VTT, "text/vtt", "en", ("Ann Lee",))
    assert [s.speaker for s in there.segments] == ["Ann", "Bob"]
    found = read_document(CHAPTERS, Asked(ExtraKind.CHAPTERS, URL))
    assert isinstance(found, Chapters) and found == chapters.parse(CHAPTERS, URL)


@pytest.mark.parametrize("asked", [TRANSCRIPT, Asked(ExtraKind.CHAPTERS, URL)])
def test_what_is_no_such_document_is_said_in_the_parsers_words(asked: Asked) -> None:
    with pytest.raises(UserError, match=r"^The publisher's .+\. (They are|It is) left out\.$"):
        read_document(b"", asked)


def test_half_a_character_in_json_breaks_nothing() -> None:
    found = read_document(b'{"segments": [{"startTime": 1, "body": "a \\ud800 b"}]}', TRANSCRIPT)
    assert isinstance(found, SuppliedTranscript) and found.segments[0].text == "a b"


@pytest.mark.parametrize("code", ["bytearray(1 << 31)", "exec('while True: pass')", "__import__('time').sleep(600)"])
def test_one_that_takes_too_much_is_ended_and_says_so(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits are real: the child takes more memory, processor time, or time on the clock than it may."""
    real = document.run

    def run(module: str, **kept: object) -> object:
        assert module == "core.sources.publisher.document_worker"
        program = f"from core.sandbox.child import enter; enter(memory=1 << 30, cpu_seconds=1); {code}"
        limit = {"timeout": 2.0} if "sleep" in code else {}
        return real("timeit", "-n1", "-r1", program, **kept | limit)  # type: ignore[arg-type]

    monkeypatch.setattr(document, "run", run)
    with pytest.raises(TooLarge, match="all else is kept") as refused:
        read_document(VTT, TRANSCRIPT)
    assert "secret" not in str(refused.value)


def test_it_can_be_ended() -> None:
    def stop() -> None:
        raise ShuttingDown

    with pytest.raises(ShuttingDown):
        read_document(VTT * 10_000, TRANSCRIPT, check=stop)


@pytest.mark.parametrize("units", [200_000, pytest.param(6_000_000, marks=pytest.mark.long)])
@pytest.mark.parametrize(
    ("front", "unit", "back"),
    [
        ("", "<p>", ""),
        ("", "<v ", ""),
        ("", "<time ", ""),
        ("WEBVTT\n\n0:00 --> 0:01\n", "<v>", ""),
        ("[", "{},", "{}]"),
        ("<cite>", "\n\n\n", ""),
    ],
)
def test_the_worst_that_fits_is_an_outcome_and_the_next_is_tried(
    host: PodcastHost, fetcher: Fetcher, front: str, unit: str, back: str, units: int
) -> None:
    fits = min(units, (MOST_BYTES[ExtraKind.TRANSCRIPT] - 100) // len(unit))
    host.files.update({"bad.json": f"{front}{unit * fits}{back}".encode(), "good.vtt": VTT})
    offers = [
        Offer(ExtraKind.TRANSCRIPT, host.audio_url(name), kind) for name, kind in (("bad.json", "json"), ("good.vtt", "vtt"))
    ]
    bad, good = fetch_all(offers, fetcher)
    assert bad.error and "left out" in bad.error.lower()
    assert good.document
