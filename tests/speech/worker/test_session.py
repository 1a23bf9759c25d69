"""Spans of a file, heard by the real worker without the rest of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.domain.transcripts.transcript import Window
from core.errors import Cancelled, MediaMissing
from core.speech.client.client import SpeechClient
from core.speech.request import Progress, SpeechRequest
from tests.speech.conftest import SAMPLES, error_share, ffmpeg

Span = tuple[float, float]


def listen(client: SpeechClient, media: Path, *spans: Span, seen: list[Progress] | None = None) -> list[Window]:
    request = SpeechRequest(media=media, model="demo")
    told = [] if seen is None else seen
    return client.listen(request, spans, on_progress=told.append, cancelled=lambda: False)


def said(sample: str, span: Span) -> str:
    """Return the words that lie wholly within the span."""
    rows = [line.split("\t") for line in (SAMPLES / sample).with_suffix(".txt").read_text(encoding="utf-8").splitlines()]
    return " ".join(text for start, end, text in rows if span[0] <= float(start) and float(end) <= span[1])


@pytest.mark.parametrize("suffix", ["mp3", *(pytest.param(one, marks=pytest.mark.long) for one in ("m4a", "ogg", "flac", "mkv"))])
def test_spans_are_heard_where_they_are_in_every_container(warm_client: SpeechClient, tmp_path: Path, suffix: str) -> None:
    media = tmp_path / f"talk.{suffix}"
    ffmpeg("-i", SAMPLES / "en_episode.mp3", "-strict", "-2", media)
    spans = [(27.3, 42.3), (118.5, 130.5)]
    found = listen(warm_client, media, *spans)
    for span, window in zip(spans, found, strict=True):
        assert (window.start, window.end, window.language) == (*span, "en")
        within = [s for s in window.segments if span[0] + 0.5 < s.start and s.end < span[1] - 0.5]
        assert error_share(said("en_episode.mp3", span), " ".join(s.text for s in window.segments)) <= 0.25
        assert within and all(word.start >= span[0] for s in within for word in s.words)


def test_words_keep_the_times_that_they_have_in_the_whole(warm_client: SpeechClient) -> None:
    (window,) = listen(warm_client, SAMPLES / "en_episode.mp3", (60.0, 75.0))
    rows = [line.split("\t") for line in (SAMPLES / "en_episode.txt").read_text().splitlines()]
    starts = [float(start) for start, end, _ in rows if float(start) > 61 and float(end) < 74]
    found = [s.start for s in window.segments]
    assert starts and all(min(abs(start - at) for at in found) < 0.5 for start in starts)


def test_it_says_how_far_it_is_and_what_it_does(warm_client: SpeechClient) -> None:
    seen: list[Progress] = []
    listen(warm_client, SAMPLES / "en_episode.mp3", (10.0, 20.0), (50.0, 60.0), seen=seen)
    shares = [p.fraction for p in seen if p.phase == "comparing"]
    assert shares == sorted(shares) and shares[0] == 0.0 and shares[-1] == 1.0


def test_what_lies_behind_the_end_is_silent(warm_client: SpeechClient) -> None:
    short, behind = listen(warm_client, SAMPLES / "en_short.wav", (0.0, 60.0), (100.0, 110.0))
    assert short.end < 6.0 and short.segments
    assert behind.segments == ()


@pytest.mark.long
def test_the_same_worker_transcribes_afterwards(warm_client: SpeechClient) -> None:
    listen(warm_client, SAMPLES / "en_short.wav", (0.0, 3.0))
    request = SpeechRequest(media=SAMPLES / "en_short.wav", model="demo")
    whole = warm_client.transcribe(request, [], on_window=lambda _: None, on_progress=lambda _: None, cancelled=lambda: False)
    assert error_share(said("en_short.wav", (0.0, 60.0)), whole.text) <= 0.1


def test_a_cancel_ends_it(warm_client: SpeechClient) -> None:
    request = SpeechRequest(media=SAMPLES / "en_episode.mp3", model="demo")
    heard: list[Progress] = []
    with pytest.raises(Cancelled):
        warm_client.listen(
            request, [(n, n + 10.0) for n in range(100)], on_progress=heard.append, cancelled=lambda: len(heard) > 3
        )


def test_a_file_that_is_gone_is_said(warm_client: SpeechClient, tmp_path: Path) -> None:
    with pytest.raises(MediaMissing):
        listen(warm_client, tmp_path / "gone.mp3", (0.0, 5.0))
