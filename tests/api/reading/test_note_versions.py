"""Versions of notes, and the models that write them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from core.domain.accounts.actor import OWNER
from core.domain.notes.note import Notes, Point
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.store.text import notes, transcripts
from tests.api.conftest import Running, is_problem
from tests.fakes.ollama import FakeOllama

TALK = Transcript(
    "en", 9.0, (Segment(0, 0.0, 2.0, "The catt sat.", "A"), Segment(1, 2.0, 4.0, "It slept.", "B")), SpeechEngine("demo")
)


@pytest.fixture
def url(services: Running, episode: dict[str, Any]) -> str:
    number = episode["id"]
    services.store.write(lambda db: transcripts.save(db, number, TALK, now=5.0))
    return f"/episodes/{number}"


def test_a_version_says_why_it_did_not_become_current(
    api: httpx.Client, url: str, services: Running, episode: dict[str, Any]
) -> None:
    good = Notes(
        "Cats sleep.", (Point("Cats sleep.", "Cats sleep.", 1.0, 2.0, 0, True),), engine="ollama", model="m", coverage=1.0
    )
    services.store.write(lambda db: notes.add(db, episode["id"], good, now=1.0))
    shown = notes.current(services.store.read(), episode["id"])
    weak = replace(good, points=(Point("Dogs fly.", "Dogs fly."),))
    services.store.write(lambda db: notes.add(db, episode["id"], weak, now=2.0, stays=shown))
    new, old = api.get(f"{url}/summaries").json()["items"]
    assert (new["held_back"], new["current"]) == ("too_weak", False)
    assert (old["held_back"], old["current"]) == (None, True)


def test_versions_of_notes_are_compared_chosen_and_written_anew(
    api: httpx.Client, url: str, services: Running, episode: dict[str, Any]
) -> None:
    for n, points in enumerate([("Cats sleep.", "Dogs bark."), ("Cats sleep.", "Birds sing.")]):
        written = Notes("Gist", tuple(Point(p, "") for p in points), engine="ollama", model=f"m{n}")
        services.store.write(lambda db, written=written: notes.add(db, episode["id"], written, now=1.0))
    new, old = api.get(f"{url}/summaries").json()["items"]
    assert ((new["model"], new["current"]), (old["model"], old["current"])) == (("m1", True), ("m0", False))
    assert (new["held_back"], old["held_back"]) == (None, None)
    found = api.get(f"{url}/summaries/compare", params={"old": old["id"], "new": new["id"]}).json()
    rows = {row["difference"]: [side and side["text"] for side in (row["old"], row["new"])] for row in found["points"]}
    assert rows == {
        "same": ["Cats sleep.", "Cats sleep."],
        "removed": ["Dogs bark.", None],
        "added": [None, "Birds sing."],
    }
    assert found["tldr"] == {"old": "Gist", "new": "Gist", "difference": "same"}
    assert api.post(f"{url}/summaries/{old['id']}/choose").json()["model"] == "m0"
    assert api.get(f"{url}/summary").json()["model"] == "m0"
    assert api.get(f"{url}/summaries/{new['id']}").json()["model"] == "m1"
    assert is_problem(api.get(f"{url}/summaries/999"), 404, "not_found")
    after = api.post(f"{url}/summaries", json={"model": "m9", "language": "zh"}).json()
    assert (after["notes_model"], after["notes_language"]) == ("m9", "zh")


def test_the_models_that_may_write_notes_are_those_that_ollama_holds(api: httpx.Client, services: Running) -> None:
    with FakeOllama() as ollama:
        ollama.behave(models=("qwen2.5:7b", "gemma3:4b"))
        services.settings.save(OWNER, "ollama_host", ollama.url)
        found = api.get("/language-models").json()
    assert (found["answers"], set(found["items"])) == (True, {"qwen2.5:7b", "gemma3:4b"})
    assert found["chosen"] in found["items"]


def test_without_ollama_no_model_is_named(api: httpx.Client, services: Running) -> None:
    services.settings.save(OWNER, "ollama_host", "http://127.0.0.1:9")
    assert api.get("/language-models").json() == {"answers": False, "chosen": None, "items": []}
