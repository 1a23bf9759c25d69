"""The doctor's trial of notes on a sample: it prints progress, and finished parts survive a failure and Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.llm.ollama import OllamaClient
from core.notes.summarise import NotesRequest
from core.ops.notes_trial import Trial, sample_transcript
from tests.fakes.ollama import FakeOllama
from tests.notes.conftest import transcript_of


@pytest.fixture
def fake() -> Iterator[FakeOllama]:
    with FakeOllama() as server:
        yield server


class Said(list[str]):
    """The printed lines; `then` runs after the line of that number."""

    def __init__(self, after: int = -1, then: Any = None) -> None:
        self.after, self.then = after, then

    def __call__(self, line: str) -> None:
        self.append(line)
        if len(self) == self.after:
            self.then()


def trial(fake: FakeOllama, said: Said, *, count: int = 300, minutes: float = 0.0) -> Trial:
    request = NotesRequest("qwen2.5:7b", "en", num_ctx=3072, wall_clock_seconds=20.0)
    return Trial(OllamaClient(fake.url), transcript_of("en", count), request, said, minutes)


def test_it_says_how_far_it_is(fake: FakeOllama) -> None:
    said = Said()
    assert trial(fake, said).run()["verified share"] == 1
    percents = [int(p) for line in said for p in re.findall(r"en: (\d+) %", line)]
    assert len(percents) > 3 and percents == sorted(set(percents)) and percents[-1] == 100
    assert any("of 300 segments read" in line for line in said)


@pytest.mark.parametrize(("lies", "counts"), [("no", "yes"), ("stubborn", "no: the model is too weak")])
def test_it_says_whether_such_notes_would_count(fake: FakeOllama, lies: str, counts: str) -> None:
    fake.behave(lies=lies)
    assert trial(fake, Said()).run()["would count"] == counts


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"answers": "broken"}, "ollama_bad_answer"),
        ({"models": ()}, "ollama_model_missing"),
        ({"status": 500, "says": "model requires more system memory"}, "ollama_no_memory"),
        ({"breaks": "half"}, "ollama_broke"),
    ],
)
def test_what_was_finished_before_a_failure_is_kept(fake: FakeOllama, how: dict[str, Any], code: str) -> None:
    made = trial(fake, Said(3, lambda: fake.behave(**how)))
    row = made.run()
    assert row["error"].startswith(code)
    assert row["parts kept"] == len(made.written["parts"]) > 0
    assert any(part.get("points") for part in made.written["parts"].values())


def test_a_server_that_breaks_off_is_gone_on_with(fake: FakeOllama) -> None:
    # Two in a row mean a failed request: the trial starts again with the finished parts.
    said = Said(3, lambda: fake.behave(breaks="half", faults=2))
    assert trial(fake, said).run()["coverage"] == 1
    assert any("Going on with" in line for line in said)


def test_its_time_is_bounded_too(fake: FakeOllama) -> None:
    row = trial(fake, Said(), minutes=0.00001).run()
    assert 0 < row["coverage"] < 1 and row["points"]


def stop() -> None:
    raise KeyboardInterrupt


def test_a_stop_by_hand_keeps_what_there_is(fake: FakeOllama) -> None:
    made = trial(fake, Said(4, stop))
    row = made.run()
    assert (row["error"], made.stopped) == ("stopped by hand", True)
    assert made.written["parts"]


@pytest.mark.long
def test_the_command_writes_its_report_when_it_is_stopped(fake: FakeOllama, tmp_path: Path) -> None:
    environment = os.environ | {"CASTMIND_DATA_DIR": str(tmp_path), "OLLAMA_HOST": fake.url, "CASTMIND_OLLAMA_NUM_CTX": "2048"}
    process = subprocess.Popen(
        [sys.executable, "-m", "core", "doctor", "--notes"],
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    fake.behave(piece_delay=0.05)
    for line in process.stderr:
        if "reads the zh sample" in line:
            fake.behave(breaks="hang")
            process.send_signal(signal.SIGINT)
            break
    process.communicate(timeout=60)
    assert process.returncode == 1
    (path,) = (tmp_path / "reports").glob("notes-*.json")
    report = json.loads(path.read_text())
    assert [run.get("error") for run in report["runs"]] == [None, "stopped by hand"]
    assert report["evidence"]["en"]["points"]


def test_the_samples_are_read_in_order() -> None:
    starts = [s.start for s in sample_transcript("zh").segments]
    assert starts == sorted(starts)
