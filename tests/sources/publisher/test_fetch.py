from __future__ import annotations

import pytest

from core.domain.episodes.publisher_extras import Chapters, ExtraKind, Offer, SuppliedTranscript, in_order
from core.errors import ShuttingDown
from core.net.web import Fetcher
from core.sources.publisher.fetch import MOST_BYTES, fetch_all
from tests.fakes.podcast_host import Mode, PodcastHost

VTT = b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello."


def transcript(host: PodcastHost, name: str, kind: str = "text/vtt", mode: Mode = Mode.OK) -> Offer:
    return Offer(ExtraKind.TRANSCRIPT, host.audio_url(name, mode), kind)


def test_one_transcript_is_enough_and_the_best_is_tried_first(host: PodcastHost, fetcher: Fetcher) -> None:
    host.files.update({"t.vtt": VTT, "c.json": b'{"chapters": [{"startTime": 0, "title": "One"}]}'})
    chapters = Offer(ExtraKind.CHAPTERS, host.audio_url("c.json"))
    html = transcript(host, "t.html", "text/html")
    outcomes = fetch_all([html, transcript(host, "t.vtt"), chapters], fetcher)
    assert [type(o.document) for o in outcomes] == [Chapters, SuppliedTranscript]
    assert host.requests("/audio/t.html") == []


@pytest.mark.parametrize("mode", [Mode.NOT_FOUND, Mode.ERROR, Mode.BREAK, Mode.TO_PRIVATE, Mode.EMPTY, Mode.GZIP_BOMB])
def test_what_cannot_be_had_is_an_outcome_with_its_reason_and_the_next_is_tried(
    host: PodcastHost, fetcher: Fetcher, mode: Mode
) -> None:
    host.files.update({"a.vtt": VTT, "b.srt": VTT})
    broken, good = fetch_all([transcript(host, "a.vtt", mode=mode), transcript(host, "b.srt", "application/srt")], fetcher)
    assert (broken.document, bool(broken.error)) == (None, True)
    assert good.document


def test_too_much_is_not_taken(host: PodcastHost, fetcher: Fetcher) -> None:
    host.files["c.json"] = b" " * (MOST_BYTES[ExtraKind.CHAPTERS] + 1)
    (outcome,) = fetch_all([Offer(ExtraKind.CHAPTERS, host.audio_url("c.json"))], fetcher)
    assert outcome.error
    assert "larger than" in outcome.error


def test_a_stop_goes_through(host: PodcastHost, fetcher: Fetcher) -> None:
    def stop() -> None:
        raise ShuttingDown()

    with pytest.raises(ShuttingDown):
        fetch_all([transcript(host, "a.vtt", mode=Mode.SILENT)], fetcher, check=stop)


def test_the_spoken_language_comes_before_the_better_form() -> None:
    german = Offer(ExtraKind.TRANSCRIPT, "https://a/1", "application/json", "de")
    english = Offer(ExtraKind.TRANSCRIPT, "https://a/2", "text/html", "en-US")
    unsaid = Offer(ExtraKind.TRANSCRIPT, "https://a/3.srt")
    assert in_order([german, english, unsaid], "en") == [unsaid, english, german]
    assert in_order([german, english, unsaid], None) == [german, unsaid, english]
