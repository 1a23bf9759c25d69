"""The status page: findings in the reader's language, with visible remedies."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest
from streamlit.testing.v1 import AppTest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import State
from core.domain.jobs.worker_status import WorkerStatus
from core.domain.notes.ollama_state import InstalledModel, OllamaState
from core.domain.text_places import fill
from core.errors import TaskInterrupted
from core.llm.errors import remote_refused
from core.message import Message
from core.ops import health, part_checks
from core.ops.backup import shrinking
from core.ops.backup.backups import Backups
from core.ops.checks import engine_checks
from core.ops.healing.integrity import Integrity
from core.ops.health import Check, CheckFunction
from core.ops.replica.lag import Lag
from core.pipeline.gpu_queue import Taker
from core.speech import device_messages
from core.speech.request import Probe
from core.store.db.sqlite import Database
from core.store.jobs import tasks
from core.store.jobs.tasks import NewTask
from pages.status import details
from pages.text import message_text, texts
from tests.pages.conftest import Open
from tests.runner_fixture import until

CHINESE = re.compile("[\u4e00-\u9fff]")
AWAY = OllamaState(None, "", (), None, "", (("http://127.0.0.1:11434", "no connection"),))
EMPTY = OllamaState("http://h", "0.13.0", (), None, "", ())
REFUSED = OllamaState(
    "http://h", "0.13.0", (InstalledModel("x:cloud", remote=True),), None, "x:cloud", (), Message.of(remote_refused("x:cloud"))
)
LACKS = OllamaState("http://h", "0.13.0", (), None, "qwen3:4b", ())
THERE = OllamaState("http://h", "0.13.0", (InstalledModel("qwen3:4b"),), "qwen3:4b", "", ())


UNTRIED = Probe("cpu", "", "", "small", False, device_messages.not_tried(OSError("exit status 1")), cuda_error="exit status 1")


def probe(*, present: bool = True, error: str | None = None) -> Probe:
    return Probe("cpu", "A Processor", "int8", "small", present, "", cuda_error=error)


def reasons_of_every_kind() -> list[Message]:
    """Return every reason that speech can give for its device, alone and nested in others."""
    problems = [
        device_messages.NO_DRIVER,
        device_messages.NO_CARD,
        device_messages.driver_too_old("cuInit"),
        device_messages.driver_says("unknown error", "cuInit", 999),
        device_messages.card_fails("cuBLAS failed"),
        device_messages.card_crashes("SIGABRT"),
        device_messages.card_silent(120.0),
        device_messages.card_broke_off("cuBLAS failed"),
        device_messages.card_full("out of memory"),
    ]
    problems += [device_messages.model_fails("small", problem) for problem in problems]
    where = [
        device_messages.CPU_WANTED,
        device_messages.card_works("RTX", "float16"),
        *map(device_messages.cpu_instead_of_card, problems),
        *map(device_messages.cpu_for_want_of_card, problems),
    ]
    why = [
        device_messages.MODEL_WANTED,
        device_messages.card_holds(12.0, "large-v3-turbo"),
        device_messages.card_too_small(3.0, "large-v3-turbo"),
        device_messages.card_small(1.0),
        device_messages.cores_keep_up(8, "small"),
        device_messages.suits(2, 8.0, "base"),
        device_messages.memory_small(1.0),
    ]
    told = [device_messages.both(place, reason) for place in where for reason in why]
    return [*told, *map(device_messages.sentence, where), device_messages.not_tried(OSError("gone"))]


def test_why_speech_runs_where_it_runs_is_told_in_chinese_from_end_to_end(castmind: CastMind) -> None:
    castmind.settings.save(OWNER, "language", "zh")
    foreign = re.compile(
        "cuInit|unknown error|cuBLAS failed|SIGABRT|out of memory|small|base|large-v3-turbo|float16|RTX|NVIDIA|GB"
    )
    for reason in reasons_of_every_kind():
        said = message_text(reason)
        assert CHINESE.search(said) and not re.search("[A-Za-z{}]", foreign.sub("", said)), said
    castmind.settings.save(OWNER, "language", "en")
    said = [message_text(reason) for reason in reasons_of_every_kind()]
    assert not re.search("[{}\u4e00-\u9fff]|SIGABRT|cuBLAS", "".join(said))


def shrunk(what: str) -> Backups:
    """Return backups with more content than the library."""
    found = shrinking.Shrunk(what, 1, 9, "castmind-nightly-20260101-030000.zip")
    return cast("Backups", SimpleNamespace(shrinking=SimpleNamespace(state=lambda: found)))


def every_finding(castmind: CastMind) -> dict[str, list[Check]]:
    """Return all possible findings of the checks, by their name in the report."""
    folder = castmind.data
    mounts = [(kind, kernel) for kind in ("ext4", "9p") for kernel in ("6.8.0-generic", "5.15-microsoft-standard-WSL2")]
    table = "1 0 0:1 / / rw - {} source rw\n"
    return {
        "database": [health.database(castmind.library._store)],
        "disk": [health.disk(folder, 0), health.disk(folder, 1e9)],
        "data_folder": [
            health.mount(folder, device=-1),
            *(health.mount(folder, table.format(k), r) for k, r in mounts),
            health.mount(folder, "", ""),
        ],
        "ollama": [
            *(part_checks.ollama(s) for s in (AWAY, EMPTY, LACKS, THERE, REFUSED)),
            part_checks.ollama(AWAY, wanted=False),
        ],
        "speech": [part_checks.speech(p) for p in (None, probe(), probe(error="no driver"), probe(present=False), UNTRIED)],
        "library": [
            part_checks.library(castmind._backups),
            *(part_checks.library(shrunk(what)) for what in (*shrinking.COUNTED, "bytes")),
        ],
        "writes": [health.writes(castmind.library._store)],
        "confinement": [part_checks.confinement(files=files, calls=calls) for files in (True, False) for calls in (True, False)],
        "pipeline": [part_checks.pipeline(True), part_checks.pipeline(False)],
        "scheduler": [engine_checks.scheduler(alive, lag) for alive, lag in ((True, 0.0), (False, 0.0), (True, 60.0))],
        "healing": [engine_checks.healing({"inbox": count}) for count in (0, 1)],
        "integrity": [engine_checks.integrity(last) for last in (None, Integrity(1.0), Integrity(1.0, ("page 7",)))],
        "worker": [
            *(engine_checks.worker(WorkerStatus(running=False), [1.0] * count, now=1.0) for count in (0, 3)),
            *(engine_checks.worker(WorkerStatus(running=True, busy=busy), []) for busy in (True, False)),
        ],
        "replica": [engine_checks.replica(lag) for lag in (Lag(1.0), Lag(31.0), Lag(31.0, "no connection"))],
        "gpu": [
            *(engine_checks.gpu(p, None) for p in (None, probe(), replace(probe(), vram_total=10**10))),
            engine_checks.gpu(probe(), device_messages.card_silent(120.0)),
        ],
        "feeds": [engine_checks.feeds(failing, 9) for failing in (0, 1, 9)],
    }


def test_whatever_a_check_finds_has_a_text_in_both_languages(castmind: CastMind) -> None:
    for name, found in every_finding(castmind).items():
        for check in found:
            for language in ("en", "zh"):
                said = fill(texts(language)[f"health.{name}.{check.code}"], check.params)
                assert said and "{" not in said


def test_a_check_that_hangs_has_a_text_in_both_languages() -> None:
    for language in ("en", "zh"):
        assert "{" not in fill(texts(language)["health.hangs"], health.hanging(3.0).params)


Report = Callable[..., None]


@pytest.fixture
def report(castmind: CastMind, monkeypatch: pytest.MonkeyPatch) -> Report:
    def replaced(**checks: CheckFunction) -> None:
        monkeypatch.setattr(castmind, "_health", health.Health(checks, version="1"))

    return replaced


def words(page: AppTest) -> str:
    return "\n".join(str(element.value) for element in [*page.markdown, *page.caption, *page.warning])


def test_a_folder_of_windows_is_warned_of_with_the_remedy(castmind: CastMind, opened: Open, report: Report) -> None:
    table = "1 0 0:1 / / rw - 9p drvfs rw\n"
    report(data_folder=lambda: health.mount(castmind.data, table, "5.15-microsoft-standard-WSL2"))
    for language in ("en", "zh"):
        castmind.settings.save(OWNER, "language", language)
        (warning,) = opened("status/page.py").warning
        assert "WSL2" in warning.value and "castmind" in warning.value and "9p" in warning.value
        assert bool(CHINESE.search(warning.value)) == (language == "zh")


def test_what_fails_is_told_in_chinese_too(castmind: CastMind, opened: Open, report: Report) -> None:
    def broken() -> Check:
        raise OSError("the *disk* is gone")

    castmind.settings.save(OWNER, "language", "zh")
    report(database=broken, pipeline=lambda: part_checks.pipeline(False), disk=lambda: health.disk(castmind.data, 1e9))
    said = [
        line for line in words(opened("status/page.py")).splitlines() if "material/error" in line or "material/warning" in line
    ]
    assert len(said) == 3 and all(CHINESE.search(line.rpartition("**")[2]) for line in said)
    assert any(each.said.endswith("the *disk* is gone") for each in details.recent())


def test_notes_that_are_extracted_by_choice_miss_no_ollama(opened: Open) -> None:
    page = opened("status/page.py")
    assert not page.warning
    assert texts("en")["status.notes_off"] in words(page)
    assert "status.look_again" not in [button.key for button in page.button]


def test_a_card_that_cannot_be_used_is_told_in_chinese(
    castmind: CastMind, opened: Open, monkeypatch: pytest.MonkeyPatch, report: Report
) -> None:
    problem = device_messages.driver_too_old("cuInit")
    found = Probe("cpu", "CPU", "int8", "small", True, device_messages.cpu_instead_of_card(problem), cuda_error=problem)
    monkeypatch.setattr(castmind.setup_checklist, "speech", lambda actor: found)
    report(speech=lambda: part_checks.speech(found))
    castmind.settings.save(OWNER, "language", "zh")
    page = opened("status/page.py")
    (warning,) = page.warning
    assert "驱动程序过旧" in warning.value and "too old" not in words(page)
    castmind.settings.save(OWNER, "language", "en")
    assert "too old" in words(opened("status/page.py"))


def test_who_uses_the_card_and_who_waits_is_told_in_the_readers_language(castmind: CastMind, opened: Open) -> None:
    assert texts("en")["status.lease"] not in words(opened("status/page.py"))
    waits = Taker(Message("notes on episode 4", "taker.notes", id=4))

    def wait() -> None:
        with castmind._gpu.speech(waits):
            pass

    thread = threading.Thread(target=wait)
    with castmind._gpu.speech(Taker(Message("transcription of episode 7", "taker.transcription", id=7))):
        thread.start()
        until(lambda: bool(castmind.queue.gpu_state(OWNER).waiting))
        for language, said in (("en", "transcription of episode 7, for"), ("zh", "单集 7 的转录")):
            castmind.settings.save(OWNER, "language", language)
            (line,) = [line for line in words(opened("status/page.py")).splitlines() if said in line]
            assert ("单集 4 的笔记" if language == "zh" else "notes on episode 4") in line
    thread.join(30.0)
    assert castmind.queue.gpu_state(OWNER).holder is None


@pytest.mark.parametrize(("language", "works", "away"), [("en", "reading", "transcribing"), ("zh", "阅读", "转录")])
def test_what_still_works_is_told(castmind: CastMind, opened: Open, report: Report, language: str, works: str, away: str) -> None:
    castmind.settings.save(OWNER, "language", language)
    report(disk=lambda: health.disk(castmind.data, 1e9))
    line = next(each for each in words(opened("status/page.py")).splitlines() if works in each)
    assert away in line and line.index(works) < line.index(away)
    report(disk=lambda: health.disk(castmind.data, 0))
    assert works not in words(opened("status/page.py"))


def test_every_check_says_in_a_word_how_it_stands(castmind: CastMind, opened: Open, report: Report) -> None:
    report(
        pipeline=lambda: part_checks.pipeline(False),
        disk=lambda: health.disk(castmind.data, 1e9),
        database=lambda: Check("pass", "", "readable", {"count": 1}),
    )
    for language, stands in (("en", ["Not working", "Attention", "OK"]), ("zh", ["故障", "注意", "正常"])):
        castmind.settings.save(OWNER, "language", language)
        lines = [line for line in words(opened("status/page.py")).splitlines() if ":material/" in line and "**" in line]
        assert [next(word for word in stands if f"] {word} ·" in line) for line in lines] == stands


def test_speech_that_could_not_be_tried_out_is_told_once_and_plainly(
    castmind: CastMind, opened: Open, monkeypatch: pytest.MonkeyPatch, report: Report
) -> None:
    monkeypatch.setattr(castmind.setup_checklist, "speech", lambda actor: UNTRIED)
    report(speech=lambda: part_checks.speech(UNTRIED))
    castmind.settings.save(OWNER, "language", "zh")
    page = opened("status/page.py")
    (warning,) = page.warning
    assert "未能测试" in warning.value and "exit status" not in words(page)
    castmind.settings.save(OWNER, "language", "en")
    (warning,) = opened("status/page.py").warning
    assert texts("en")["speech.not_tried"] == warning.value.replace("\\", "")


def test_one_press_says_that_a_smaller_library_is_right(castmind: CastMind, opened: Open) -> None:
    castmind.ingest.import_address(OWNER, "https://a.example/1.mp3")
    castmind._backups.create("nightly", media=False)
    castmind.trash.purge(OWNER, range(1, 10))
    page = opened("status/page.py")
    (press,) = [button for button in page.button if button.label == texts("en")["status.shrunk.right"]]
    assert any("nightly" in warning.value for warning in page.warning)
    page = press.click().run()
    assert castmind._backups.shrinking.state() is None
    assert texts("en")["status.shrunk.right"] not in [button.label for button in page.button]


def test_all_that_is_under_way_or_went_wrong_is_shown(castmind: CastMind, opened: Open) -> None:
    def under_way(db: Database) -> list[int]:
        # In one transaction, or the server would begin with them.
        ids = [tasks.add(db, NewTask(*each), now=1.0) for each in TASKS]
        runs = [tasks.claim(db, each, now=2.0) for each in ids]
        tasks.keep(db, runs[0], {"done": 4, "total": 10})
        tasks.finish(db, runs[1], State.FAILED, TaskInterrupted().to_dict(), now=4.0)
        return ids

    until(lambda: all(task.finished for task in castmind.tasks.listing(OWNER)))
    ids = castmind.library._store.write(under_way)
    page = opened("status/page.py")
    assert [bar.proto.text for bar in page.get("progress")][:1] == ["Building the search index: 4 of 10"]
    assert page.button(key=f"task.stop.{ids[0]}")
    (said,) = (error.value for error in page.error)
    assert "Checking every byte of mine.zip" in said.replace("\\", "") and "start again" in said
    page.button(key=f"task.close.{ids[1]}").click().run()
    assert not page.error and not page.exception


TASKS: list[tuple[str, dict[str, str], str]] = [("index", {}, ""), ("verify", {"name": "mine.zip"}, "mine.zip")]
