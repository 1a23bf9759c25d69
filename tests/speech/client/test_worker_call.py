"""The worker gives way behind a window for somebody who goes first, and goes on as if nothing had been."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from core import errors
from core.domain.transcripts.transcript import Window
from core.speech.client.client import SpeechClient
from core.speech.request import Progress, SpeechRequest
from tests.speech.conftest import SAMPLES, ffmpeg

SPANS = ((1.0, 6.0), (9.0, 14.0), (18.0, 23.0))


class Visits:
    """A lease that others want while `wanting()`; `pauses` are the windows that were there at each pause."""

    def __init__(self, windows: list[Window], wanting: Callable[[], bool], visit: Callable[[], object] = lambda: None) -> None:
        self._windows, self._wanting, self._visit = windows, wanting, visit
        self.pauses: list[int] = []

    def wanted(self) -> bool:
        return self._wanting()

    def pause(self) -> float:
        self.pauses.append(len(self._windows))
        self._visit()
        return 1.0


def ignore(progress: Progress) -> None:
    """Nobody looks."""


@pytest.fixture(scope="module")
def meeting(tmp_path_factory: pytest.TempPathFactory) -> SpeechRequest:
    """Half a minute in four windows or more."""
    path: Path = tmp_path_factory.mktemp("meeting") / "meeting.wav"
    ffmpeg("-i", SAMPLES / "en_meeting.m4a", "-t", "26", path)
    return SpeechRequest(path, model="demo", window_seconds=7)


def hear(client: SpeechClient, request: SpeechRequest, windows: list[Window], **options: object) -> str:
    return client.transcribe(
        request,
        (),
        on_window=windows.append,
        on_progress=ignore,
        cancelled=lambda: False,
        **options,  # type: ignore[arg-type]
    ).text


def shape(windows: list[Window]) -> list[tuple[int, float, float, str, tuple[str, ...]]]:
    return [(w.index, w.start, w.end, w.language, tuple(s.text for s in w.segments)) for w in windows]


@pytest.fixture(scope="module")
def whole(meeting: SpeechRequest, warm_client: SpeechClient) -> list[Window]:
    windows: list[Window] = []
    hear(warm_client, meeting, windows)
    assert len(windows) > 3
    return windows


@pytest.mark.long
def test_a_transcription_that_gives_way_at_each_window_gives_the_same_text(
    meeting: SpeechRequest, warm_client: SpeechClient, whole: list[Window]
) -> None:
    windows: list[Window] = []
    lease = Visits(windows, lambda: True)
    hear(warm_client, meeting, windows, lease=lease)
    assert shape(windows) == shape(whole)
    # One window further each time, and nothing is given back behind the last one, where nothing is left to be done.
    assert lease.pauses == list(range(1, len(whole)))


@pytest.mark.long
def test_somebody_has_the_worker_within_the_window_that_was_under_way(
    meeting: SpeechRequest, warm_client: SpeechClient, whole: list[Window]
) -> None:
    windows: list[Window] = []
    theirs: list[str] = []
    wants = False

    def want(progress: Progress) -> None:
        nonlocal wants
        wants = wants or (len(windows) == 1 and progress.phase == "transcribing" and not theirs)

    def visit() -> None:
        nonlocal wants
        wants = False
        assert not warm_client.status().busy
        heard = warm_client.listen(meeting, SPANS[:1], on_progress=ignore, cancelled=lambda: False)
        theirs.extend(s.text for s in heard[0].segments)

    lease = Visits(windows, lambda: wants, visit)
    warm_client.transcribe(meeting, (), on_window=windows.append, on_progress=want, cancelled=lambda: False, lease=lease)
    assert theirs and lease.pauses == [2]
    assert shape(windows) == shape(whole)


@pytest.mark.long
def test_a_worker_that_was_ended_meanwhile_is_started_again_and_loses_no_window(
    meeting: SpeechRequest, whole: list[Window]
) -> None:
    client = SpeechClient()
    windows: list[Window] = []
    ended: list[str] = []

    def end() -> None:
        client.end()
        ended.append("the worker")

    lease = Visits(windows, lambda: not ended, end)
    hear(client, meeting, windows, lease=lease)
    client.stop()
    assert lease.pauses == [1]
    assert shape(windows) == shape(whole)


@pytest.mark.long
def test_a_worker_that_is_killed_after_an_interruption_says_so_and_what_it_finished_stays(
    meeting: SpeechRequest, whole: list[Window]
) -> None:
    client = SpeechClient()
    windows: list[Window] = []

    def kill(window: Window) -> None:
        windows.append(window)
        pid = client.status().pid
        if len(windows) == 2 and pid:
            os.kill(pid, signal.SIGKILL)

    lease = Visits(windows, lambda: not windows)
    with pytest.raises(errors.WorkerDied, match="SIGKILL"):
        client.transcribe(meeting, (), on_window=kill, on_progress=ignore, cancelled=lambda: False, lease=lease)
    assert lease.pauses[0] == 1 and shape(windows) == shape(whole)[: len(windows)]
    rest = list(windows)
    client.transcribe(meeting, windows, on_window=rest.append, on_progress=ignore, cancelled=lambda: False)
    client.stop()
    assert shape(rest) == shape(whole)


def test_what_ends_the_waiting_for_others_ends_the_transcription_and_the_worker_serves_on(
    meeting: SpeechRequest, warm_client: SpeechClient, whole: list[Window]
) -> None:
    windows: list[Window] = []

    def end() -> None:
        raise errors.Cancelled

    with pytest.raises(errors.Cancelled):
        hear(warm_client, meeting, windows, lease=Visits(windows, lambda: True, end))
    assert shape(windows) == shape(whole)[:1]
    assert not warm_client.status().busy and warm_client.status().running


@pytest.mark.long
def test_spans_give_way_between_each_other_and_their_progress_goes_on(meeting: SpeechRequest, warm_client: SpeechClient) -> None:
    def listen(lease: Visits | None) -> tuple[list[Window], list[float]]:
        shares: list[float] = []
        options = {"lease": lease} if lease else {}
        heard = warm_client.listen(
            meeting,
            SPANS,
            on_progress=lambda p: shares.append(p.fraction) if p.phase == "comparing" else None,
            cancelled=lambda: False,
            **options,  # type: ignore[arg-type]
        )
        return heard, shares

    (plain, before), visits = listen(None), Visits([], lambda: True)
    heard, after = listen(visits)
    assert len(visits.pauses) == len(SPANS) - 1
    assert shape(heard) == shape(plain)
    assert sorted(after) == after and set(after) == set(before)
