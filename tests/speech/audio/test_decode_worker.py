"""The child's side of decoding: a head, the samples that were asked for, and one end, whatever happens."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from core.errors import MediaMissing, MediaUnreadable
from core.speech.audio import decode_worker
from core.speech.audio.decode_worker import END, HEAD, MESSAGE, SAMPLES
from core.speech.audio.spans import RATE
from tests.speech.audio.test_decode import decode as decoded
from tests.speech.conftest import SAMPLES as FOLDER

SHORT = FOLDER / "en_short.wav"


def messages(pipe: pytest.CaptureFixture[bytes]) -> list[tuple[bytes, bytes]]:
    """Return what was written to standard output, (kind, content) each."""
    content, found = pipe.readouterr().out, list[tuple[bytes, bytes]]()
    while content:
        kind, length = MESSAGE.unpack_from(content)
        found.append((kind, content[MESSAGE.size : MESSAGE.size + length]))
        content = content[MESSAGE.size + length :]
    return found


def ask(monkeypatch: pytest.MonkeyPatch, **wish: object) -> None:
    line = json.dumps({"start": 0, "exact": False, "stereo": False} | wish) + "\n" if wish else ""
    monkeypatch.setattr(sys, "stdin", io.StringIO(line))


def worked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the program without the limits, which would hold for all tests of this process."""
    monkeypatch.setattr(decode_worker, "enter", lambda **_: None)
    monkeypatch.setattr(sys, "argv", ["decode_worker", str(path)])
    decode_worker.main()


@pytest.mark.parametrize("start", [0, 2 * RATE + 7])
def test_the_head_comes_first_then_the_samples_and_the_end(
    capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, start: int
) -> None:
    ask(monkeypatch, start=start)
    worked(SHORT, monkeypatch)
    (head, told), *blocks, end = messages(capsysbinary)
    assert (head, end) == (HEAD, (END, b"{}")) and {kind for kind, _ in blocks} == {SAMPLES}
    assert json.loads(told)["channels"] == 1 and json.loads(told)["duration"] == pytest.approx(5.0, abs=0.5)
    heard = np.frombuffer(b"".join(content for _, content in blocks), dtype=np.float32)
    assert np.array_equal(heard, decoded(SHORT, start))


def test_who_only_wanted_the_head_gets_no_samples(
    capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The parent closes the pipe without having asked for any."""
    ask(monkeypatch)
    worked(SHORT, monkeypatch)
    assert [kind for kind, _ in messages(capsysbinary)] == [HEAD, END]


def test_a_file_that_is_gone_or_no_audio_is_told_in_the_end_alone(
    capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    junk = tmp_path / "junk.mp3"
    junk.write_bytes(b"no audio at all")
    ask(monkeypatch, start=0)
    for path in (tmp_path / "none.mp3", junk):
        worked(path, monkeypatch)
    told = [(kind, json.loads(content)["error"]["code"]) for kind, content in messages(capsysbinary)]
    assert told == [(END, MediaMissing.code), (END, MediaUnreadable.code)]


def test_a_file_that_takes_too_much_memory_is_told_as_one_that_nobody_can_read(
    capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def greedy(_path: Path) -> None:
        raise MemoryError

    monkeypatch.setattr(decode_worker, "decode", greedy)
    worked(SHORT, monkeypatch)
    ((kind, content),) = messages(capsysbinary)
    error = json.loads(content)["error"]
    assert (kind, error["code"]) == (END, MediaUnreadable.code) and "en_short.wav" in error["detail"]
