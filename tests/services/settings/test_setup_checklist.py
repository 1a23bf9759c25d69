from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from core import errors, settings
from core.background.tasks import Tasks
from core.domain.accounts.actor import OWNER
from core.domain.jobs.gpu_line import Priority
from core.domain.jobs.job import State
from core.llm.ollama import FoundServer, find
from core.notes.language_model import LanguageModel
from core.pipeline.gpu import Card, GpuLease
from core.pipeline.gpu_queue import Taker
from core.services.settings.probe_task import ProbeTask
from core.services.settings.pull_task import PullTask
from core.services.settings.settings_service import SettingsService
from core.services.settings.setup_checklist import DISMISSED, FIRST_PAUSE, MOST_PAUSE, SetupChecklist, SetupItem
from core.speech.client.client import SpeechClient
from core.speech.request import Probe, SpeechRequest
from core.store.db.database import Store
from tests.fakes.ollama import FakeOllama
from tests.runner_fixture import until


def locate(configured: str) -> FoundServer:
    return find([configured])


class Computer:
    """A Setup with everything around it; the test changes settings by `save`."""

    def __init__(self, store: Store, speech: SpeechClient, data: Path, host: str) -> None:
        # The saved layer sets the address, because the test could not change a value fixed by the environment.
        environ = {"CASTMIND_ENV": "test"}
        self.settings = SettingsService(settings.load({}, environ=environ), store, environ=environ)
        for name, value in {"ollama_host": host, "notes_engine": "auto", "device": "cpu", "whisper_model": "demo"}.items():
            self.save(name, value)
        model = LanguageModel(lambda: self.settings.values, locate=locate)
        self.language_model = model
        self.tasks = Tasks(store)
        self.setup_checklist = SetupChecklist(store, self.settings, speech, model, data, tasks=self.tasks)
        self.tasks.register(PullTask(model), ProbeTask(self.setup_checklist.try_out))
        self.tasks.start()

    def save(self, name: str, value: Any) -> None:
        self.settings.save(OWNER, name, value)

    def probed(self) -> Probe:
        until(lambda: self.setup_checklist.speech(OWNER) is not None)
        found = self.setup_checklist.speech(OWNER)
        assert found
        return found

    def item(self, key: str) -> SetupItem:
        return next(item for item in self.setup_checklist.checklist(OWNER) if item.key == key)

    def codes(self) -> Mapping[str, tuple[str, str]]:
        return {item.key: (item.state, item.code) for item in self.setup_checklist.checklist(OWNER)}


@pytest.fixture(scope="module")
def ollama() -> Iterator[FakeOllama]:
    with FakeOllama() as server:
        yield server


@pytest.fixture(scope="module")
def shared(speech: SpeechClient, tmp_path_factory: pytest.TempPathFactory, ollama: FakeOllama) -> Iterator[Computer]:
    """A probe takes seconds: one serves all tests that are about something else."""
    data = tmp_path_factory.mktemp("data")
    store = Store(data / "castmind.db")
    store.open()
    made = Computer(store, speech, data, ollama.url)
    made.probed()
    yield made
    assert made.tasks.stop()
    store.close()


@pytest.fixture
def fresh(store: Store, speech: SpeechClient, tmp_path: Path, ollama: FakeOllama) -> Iterator[Computer]:
    """Nothing is probed yet."""
    made = Computer(store, speech, tmp_path, ollama.url)
    yield made
    assert made.tasks.stop()


@pytest.fixture
def computer(shared: Computer, ollama: FakeOllama) -> Computer:
    ollama.behave(models=["qwen2.5:7b"], pull_seconds=0.0, pull_fails="")
    for name in ("min_free_gb", "language", DISMISSED):
        shared.settings.forget(OWNER, name)
    shared.save("ollama_host", ollama.url)
    shared.save("notes_engine", "auto")
    shared.language_model.forget()
    return shared


def test_while_the_probe_runs_it_says_so_and_then_what_it_found(fresh: Computer) -> None:
    codes = fresh.codes()
    assert codes["device"] == codes["speech_model"] == ("working", "probing")
    probe = fresh.probed()
    assert (probe.device, probe.model_present) == ("cpu", True)
    assert not fresh.setup_checklist.card().shared


class OnCard:
    """Stands in for the speech client where there is a card: a probe gives its answer once `opened`."""

    def __init__(self) -> None:
        self.opened, self.probing = threading.Event(), threading.Event()

    def probe(self, request: SpeechRequest, *, check: Callable[[], None], **_: object) -> Probe:
        self.probing.set()
        while not self.opened.wait(0.01):
            check()
        return Probe("cuda", "RTX 3060", "float16", request.model, True, "why", vram_total=12_000_000_000)


def test_the_card_is_held_while_it_is_tried_again_and_stays_known(
    fresh: Computer, store: Store, speech: SpeechClient, tmp_path: Path
) -> None:
    client = OnCard()
    setup = SetupChecklist(
        store,
        fresh.settings,
        client,  # type: ignore[arg-type]  # a real card is what tests have not
        fresh.language_model,
        tmp_path,
        tasks=fresh.tasks,
        hold=lambda check: gpu.proof(Taker("trial", Priority.PERSON, check)),
    )
    fresh.tasks.register(ProbeTask(setup.try_out))
    gpu = GpuLease(speech, card=setup.card, ollama=fresh.language_model.client, on_processor=lambda client, model: True)
    client.opened.set()
    until(lambda: setup.speech(OWNER) is not None)
    # The first trial knew of no card to hold.
    assert setup.card() == Card(12_000_000_000)
    client.opened.clear()
    client.probing.clear()
    with gpu.speech(Taker("transcription")) as hold:
        fresh.save("device", "auto")
        assert setup.speech(OWNER) is None and setup.card().shared
        until(lambda: [entry.name for entry in gpu.state().waiting] == ["trial"])
        assert not client.probing.is_set() and hold.wanted()
    until(client.probing.is_set)
    state = gpu.state().holder
    assert state and state.name == "trial" and setup.card().shared
    client.opened.set()
    until(lambda: setup.speech(OWNER) is not None and gpu.state().holder is None)


def test_a_computer_that_has_everything_is_finished(computer: Computer) -> None:
    assert computer.codes() == {
        "device": ("ok", "cpu"),
        "speech_model": ("ok", "present"),
        "ollama": ("ok", "found"),
        "language_model": ("ok", "present"),
        "language": ("ok", "auto"),
        "disk": ("ok", "enough"),
    }
    assert computer.setup_checklist.finished(OWNER)


def test_what_is_missing_is_said_with_its_remedy(computer: Computer, ollama: FakeOllama) -> None:
    computer.save("min_free_gb", 1e9)
    ollama.behave(models=[])
    codes = computer.codes()
    assert codes["language_model"] == ("todo", "absent")
    assert computer.item("language_model").params["model"] == computer.setup_checklist.recommended_model(OWNER)
    assert codes["disk"] == ("todo", "low")
    computer.save("ollama_host", "http://127.0.0.1:1")
    assert computer.codes()["ollama"] == ("todo", "absent")
    assert "http://127.0.0.1:1" in str(computer.item("ollama").params["tried"])


def test_notes_without_a_language_model_need_no_ollama(computer: Computer) -> None:
    computer.save("notes_engine", "extractive")
    codes = computer.codes()
    assert codes["ollama"] == codes["language_model"] == ("ok", "off")


def test_a_pull_is_shown_until_the_model_is_there(computer: Computer, ollama: FakeOllama) -> None:
    ollama.behave(models=[], pull_seconds=60.0)
    pull = computer.setup_checklist.pull(OWNER, "qwen3:4b")
    assert computer.codes()["language_model"] == ("working", "pulling")
    with pytest.raises(errors.Conflict, match="qwen3:4b"):
        computer.setup_checklist.pull(OWNER, "mistral")
    computer.tasks.cancel(pull.id)
    assert computer.tasks.wait(pull.id).state is State.CANCELLED
    assert computer.codes()["language_model"] == ("todo", "absent")
    ollama.behave(pull_seconds=0.0, pull_fails="no such model")
    computer.tasks.wait(computer.setup_checklist.pull(OWNER, "qwen3:4b").id)
    assert computer.codes()["language_model"] == ("todo", "failed")
    assert "no such model" in str(computer.item("language_model").params["error"])
    ollama.behave(pull_fails="")
    computer.tasks.wait(computer.setup_checklist.pull(OWNER, "qwen3:4b").id)
    assert computer.codes()["language_model"] == ("ok", "present")


def test_a_pull_that_a_stop_has_ended_goes_on_with_the_next_start(computer: Computer, ollama: FakeOllama) -> None:
    ollama.behave(models=[], pull_seconds=60.0)
    pull = computer.setup_checklist.pull(OWNER, "qwen3:4b")
    assert computer.tasks.stop()
    assert computer.tasks.get(pull.id).state is State.QUEUED
    ollama.behave(pull_seconds=0.0)
    computer.tasks.start()
    assert computer.tasks.wait(pull.id).state is State.DONE
    assert computer.codes()["language_model"] == ("ok", "present")


def test_putting_the_list_away_lasts(computer: Computer, ollama: FakeOllama) -> None:
    ollama.behave(models=[])
    assert not computer.setup_checklist.finished(OWNER)
    computer.setup_checklist.dismiss(OWNER)
    assert computer.setup_checklist.finished(OWNER)
    assert computer.settings.read_saved().values.notes_engine == "auto"


def test_the_model_that_fits_is_suggested_first(computer: Computer) -> None:
    computer.probed()
    names = [name for name, size in computer.setup_checklist.suggested_models(OWNER) if size > 10**9]
    assert names[0] == computer.setup_checklist.recommended_model(OWNER) and len(set(names)) == 3


class Failing:
    """A speech client whose probes are killed while `ill`."""

    def __init__(self) -> None:
        self.ill, self.count = True, 0

    def probe(self, request: SpeechRequest, **_: object) -> Probe:
        self.count += 1
        if self.ill:
            raise errors.WorkerDied("killed by SIGKILL")
        return Probe("cpu", "A Processor", "int8", request.model, True, "why")


def test_a_probe_that_was_cut_off_is_made_up_for_ever_later(fresh: Computer, store: Store, tmp_path: Path) -> None:
    client, now = Failing(), [0.0]
    setup = SetupChecklist(
        store,
        fresh.settings,
        client,  # type: ignore[arg-type]  # probes are killed from outside
        fresh.language_model,
        tmp_path,
        tasks=fresh.tasks,
        clock=lambda: now[0],
    )
    fresh.tasks.register(ProbeTask(setup.try_out))

    def asked_at(seconds: float) -> Probe:
        now[0] = seconds
        until(lambda: setup.speech(OWNER) is not None)
        until(lambda: all(task.finished for task in fresh.tasks.listing(ProbeTask.name)))
        found = setup.speech(OWNER)
        assert found
        return found

    assert not asked_at(0.0).tried
    assert not asked_at(FIRST_PAUSE - 1).tried and client.count == 1
    assert not asked_at(FIRST_PAUSE).tried and client.count == 2
    assert not asked_at(FIRST_PAUSE * 2).tried and client.count == 2, "the second pause is longer"
    client.ill = False
    asked_at(FIRST_PAUSE * 3)
    assert asked_at(FIRST_PAUSE * 3).tried and client.count == 3
    assert asked_at(MOST_PAUSE * 9).tried and client.count == 3
