"""Follow docs/recipes.md to the letter in a copy of the project, and see each addition work.

docs/recipes.md ─▶ new files, inserted lines, replaced words ─▶ a copy ─▶ CastMind runs from it
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.project_copy import copy_project
from tests.running import PROJECT, RunningApp
from tests.test_architecture import check

RECIPES = PROJECT / "docs" / "recipes.md"
STEP = re.compile(
    r"New file `(?P<new>[^`]+)`:\n\n```\w+\n(?P<content>.*?)```"
    r"|In `(?P<file>[^`]+)`, after `(?P<anchor>[^`]+)`:\n\n```\w+\n(?P<lines>.*?)```"
    r"|In `(?P<changed>[^`]+)`, `(?P<before>[^`]+)` becomes `(?P<after>[^`]+)`\.",
    re.DOTALL,
)


def recipes() -> dict[str, str]:
    """Return recipe text by title, as in {"a setting": …}."""
    parts = re.split(r"^## Add (.+)\n", RECIPES.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def follow(text: str, project: Path) -> list[str]:
    """Follow a recipe; return the files that it touched. Fails unless the project has exactly one such line."""
    touched = []
    for said in STEP.finditer(text):
        path = project / (said["new"] or said["file"] or said["changed"])
        touched.append(path.relative_to(project).as_posix())
        if said["new"]:
            assert not path.exists(), path
            path.parent.mkdir(exist_ok=True)
            path.write_text(said["content"], encoding="utf-8")
        elif said["anchor"]:
            path.write_text(behind(path, said["anchor"], said["lines"]), encoding="utf-8")
        else:
            source = path.read_text(encoding="utf-8")
            assert source.count(said["before"]) == 1, said["before"]
            path.write_text(source.replace(said["before"], said["after"]), encoding="utf-8")
    return touched


def behind(path: Path, anchor: str, more: str) -> str:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    (place,) = [number for number, line in enumerate(lines) if anchor in line]
    return "".join([*lines[: place + 1], more, *lines[place + 1 :]])


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project with all recipes followed."""
    project = copy_project(tmp_path_factory.mktemp("recipes") / "castmind")
    for text in recipes().values():
        follow(text, project)
    return project


@pytest.fixture(scope="module")
def running(followed: Path) -> Iterator[RunningApp]:
    settings = {"CASTMIND_GREETING": "Good morning", "CASTMIND_NOTES_ENGINE": "extractive"}
    with copy_of(followed, settings) as app:
        yield app


def copy_of(project: Path, settings: dict[str, str]) -> RunningApp:
    app = RunningApp(project.parent / "data", **settings)
    app.project = project
    return app


@pytest.fixture(scope="module")
def episode(running: RunningApp) -> dict[str, Any]:
    """Return the sample's episode with all steps done."""
    answer = running.upload(PROJECT / "demo" / "samples" / "en_short.wav")
    assert answer.status_code == 201, answer.text
    return running.wait_done(int(answer.json()["id"]))


def run_in(project: Path, *arguments: str, codes: tuple[int, ...] = (0,), **settings: str) -> str:
    command, environ = [sys.executable, *arguments], os.environ | settings
    done = subprocess.run(command, cwd=project, env=environ, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode in codes, done.stdout + done.stderr
    return done.stdout


def test_there_is_a_recipe_for_each_of_these() -> None:
    assert set(recipes()) == {
        "a setting", "a step", "a route", "a page", "a health check", "an export format", "an event listener"
    }  # fmt: skip


def test_each_recipe_stands_on_its_own(tmp_path: Path) -> None:
    for number, text in enumerate(recipes().values()):
        project = tmp_path / str(number)
        for path in {said["file"] or said["changed"] for said in STEP.finditer(text)} - {None}:
            (project / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / path, project / path)
        for path in {said["new"] for said in STEP.finditer(text)} - {None}:
            (project / path).parent.mkdir(parents=True, exist_ok=True)
        follow(text, project)


def test_no_block_is_passed_over() -> None:
    """This test copies every block that a person would copy; tests/test_app.py covers the listener's."""
    for title, text in recipes().items():
        copied = sum(said["content"] is not None or said["lines"] is not None for said in STEP.finditer(text))
        assert copied == len(re.findall(r"^```\w+$", text, re.MULTILINE)) or title == "an event listener"


def test_what_the_recipes_write_is_linted_and_keeps_to_the_rooms(followed: Path) -> None:
    touched = {followed / path for text in recipes().values() for path in touched_by(text) if path.endswith(".py")}
    run_in(followed, "-m", "ruff", "check", *map(str, touched))
    run_in(followed, "-m", "ruff", "format", "--check", *map(str, touched))
    for path in touched:
        assert check(path.relative_to(followed).as_posix(), path.read_text(encoding="utf-8")) == []


def touched_by(text: str) -> set[str]:
    return {said["new"] or said["file"] or said["changed"] for said in STEP.finditer(text)}


def test_their_texts_are_in_both_languages_and_in_order(followed: Path) -> None:
    english, chinese = (
        list(json.loads((followed / "pages" / "text" / f"{code}.json").read_text(encoding="utf-8"))) for code in ("en", "zh")
    )
    assert english == chinese == sorted(english)


def test_the_setting_is_in_force_and_in_the_docs(followed: Path, running: RunningApp) -> None:
    items = {item["name"]: item for item in running.client.get("/api/v1/settings").json()["items"]}
    assert items["greeting"]["value"] == "Good morning"
    for module in ("settings_doc", "env_template"):
        run_in(followed, "-m", f"scripts.{module}")
    assert "| `greeting` | How the pages greet. |" in (followed / "docs" / "settings.md").read_text(encoding="utf-8")
    for name in (".env.template", "docker-compose.base.yml"):
        assert "CASTMIND_GREETING" in (followed / name).read_text(encoding="utf-8")


def test_the_step_is_run_for_a_new_episode_and_its_result_kept(episode: dict[str, Any]) -> None:
    assert {stage["name"]: stage["state"] for stage in episode["stages"]}["tag_length"] == "done"
    assert [tag["name"] for tag in episode["tags"]] == ["short"]


def test_the_route_answers_and_is_in_the_contract(running: RunningApp) -> None:
    version = running.client.get("/health").json()["version"]
    assert running.client.get("/api/v1/ping").json() == {"version": version}
    assert "/v1/ping" in " ".join(running.client.get("/api/v1/openapi.json").json()["paths"])


def test_the_health_check_reports(running: RunningApp) -> None:
    found = running.client.get("/health").json()["checks"]["clock"]
    assert (found["status"], found["code"]) == ("pass", "set")


def test_the_format_is_offered_by_the_api(running: RunningApp, episode: dict[str, Any]) -> None:
    answer = running.client.get(f"/api/v1/episodes/{episode['id']}/transcript", params={"format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    first, *rows = answer.text.splitlines()
    assert first == "start,end,speaker,text" and rows


def drawn(app: RunningApp, page: str, query: str = "", *, press: tuple[str, str, object] | None = None) -> str:
    """Open a page by its address as a browser does; return all that the server sends until the page is drawn.

    `press`: (component, event, value) of a press on the drawn page, whose answer is returned too.
    """
    with connect(f"ws://127.0.0.1:{app.port}/_stcore/stream", origin=Origin(app.url), max_size=None) as line:
        asked = BackMsg()
        asked.rerun_script.page_name, asked.rerun_script.query_string = page, query
        said, ids = answered(line, asked)
        if press:
            name, event, value = press
            widgets = asked.rerun_script.widget_states.widgets
            widgets.add(id=ids[name], json_value="{}")
            trigger = widgets.add()
            trigger.id = f"$$STREAMLIT_INTERNAL_KEY_{ids[name]}__events"
            trigger.json_trigger_value = json.dumps([{"event": event, "value": value}])
            said += answered(line, asked)[0]
    assert "exception {" not in said, said
    return said


def answered(line: ClientConnection, asked: BackMsg) -> tuple[str, dict[str, str]]:
    """Send a request; return what is drawn, and the ids of its components by their names."""
    said, ids = "", dict[str, str]()
    line.send(asked.SerializeToString())
    for block in line:
        assert isinstance(block, bytes)
        message = ForwardMsg.FromString(block)
        said += str(message)
        component = message.delta.new_element.bidi_component
        if component.component_name:
            ids[component.component_name] = component.id
        if message.WhichOneof("type") == "script_finished":
            break
    return said, ids


def test_the_page_opens_at_its_address_and_is_in_the_navigation(running: RunningApp) -> None:
    version = running.client.get("/health").json()["version"]
    said = drawn(running, "hello")
    assert f"This is CastMind {version}." in said
    assert 'url_pathname: "hello"' in said and '\\"href\\": \\"/hello\\"' in said
    assert "This is CastMind" not in drawn(running, "status")


def test_the_setting_is_on_the_settings_page(running: RunningApp) -> None:
    said = drawn(running, "settings", "group=pages")
    assert 'label: "Greeting"' in said and "Good morning" in said


def test_the_check_is_on_the_status_page(running: RunningApp) -> None:
    assert "**clock**: set" in drawn(running, "status")


def test_the_check_is_in_the_doctor(followed: Path, tmp_path: Path) -> None:
    settings = {"CASTMIND_DATA_DIR": str(tmp_path), "CASTMIND_WHISPER_MODEL": "demo", "CASTMIND_DEVICE": "cpu"}
    said = run_in(followed, "-m", "core", "doctor", codes=(0, 1), **settings, CASTMIND_NOTES_ENGINE="extractive")
    assert re.search(r"^  ✓ set$", said, re.MULTILINE), said


def test_the_format_is_in_zip_files(running: RunningApp, episode: dict[str, Any]) -> None:
    answer = running.client.get("/api/v1/exports", params={"ids": str(episode["id"]), "formats": "csv"})
    answer.raise_for_status()
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        (name,) = archive.namelist()
        assert name.endswith(".csv") and archive.read(name).startswith(b"start,end,speaker,text")


def test_the_format_is_on_the_episodes_page(running: RunningApp, episode: dict[str, Any]) -> None:
    asked = ("castmind_episode_head", "asked", ["downloads", 1])
    said = drawn(running, "episode", f"id={episode['id']}", press=asked)
    assert f"/api/v1/episodes/{episode['id']}/transcript?format=csv" in said
