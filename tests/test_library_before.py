"""A library of the previous version opens in this one: all its content is there, and its open work is finished.

tests/fixtures/library_before: library.zip (its data folder, after kill -9), inventory.json (its API's answers)
open ─▶ the same answers, except additions ─▶ queued, waiting and interrupted work is finished ─▶ its backup restores
"""

from __future__ import annotations

import json
import sqlite3
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.podcast_host import Mode
from tests.fixtures.library_before import INVENTORY, LIBRARY, inventory
from tests.fixtures.library_before.shows import BASIC, SETTINGS, Shows, audio, publish_later, shows
from tests.running import RunningApp, wait_for

ACCOUNT: dict[str, Any] = json.loads(INVENTORY.read_text(encoding="utf-8"))
NAMED: dict[str, int] = ACCOUNT.pop("named")
OPEN = {NAMED[name] for name in ("interrupted", "queued", "last", "waiting")}
# Fields that depend on the clock or on this computer instead of the library.
LIVING = {
    "last_polled_at",
    "last_success_at",
    "next_poll_at",
    "retry_at",
    "remarks",
    "deleted_at",
    "expires_at",
    "days",
    "weeks",
    "real_time_factor",
    "disk",
    "feeds",
    "nightly",
    "last",
    "restore",
    "help",
    "restart",  # a later version may put a setting in force at once
}
OF_THE_PLACE = {"data_dir", "port"}


def differences(before: Any, now: Any, at: str = "") -> Iterator[str]:
    """Yield the places where `now` lacks or changes a value of `before`; additions are no difference."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in before.keys() - LIVING:
            yield from differences(before[key], now[key], f"{at}.{key}") if key in now else (f"{at}.{key} is missing",)
    elif isinstance(before, list) and isinstance(now, list) and before and isinstance(before[0], dict) and named(before[0]):
        yield from _rows(before, now, at)
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for number, pair in enumerate(zip(before, now, strict=True)):
            yield from differences(*pair, f"{at}[{number}]")
    elif before != now:
        yield f"{at}: {before!r} is {now!r}"


def named(row: dict[str, Any]) -> Any:
    """Return the identity of a row in any list."""
    if "snippet" in row:
        return row["episode_id"], row["kind"], row["segment_id"], row["snippet"]
    return row.get("id", row.get("wall_seconds", row.get("name")))


def _rows(before: list[Any], now: list[Any], at: str) -> Iterator[str]:
    there = {named(row): row for row in now}
    for row in before:
        if named(row) in OF_THE_PLACE:
            continue
        if named(row) not in there:
            yield f"{at}[{named(row)}] is missing"
        else:
            yield from differences(row, there[named(row)], f"{at}[{named(row)}]")
    if "snippet" not in before[0]:  # additions shift the ranks
        known = [named(row) for row in before]
        if [named(row) for row in now if named(row) in known] != [name for name in known if name in there]:
            yield f"{at} is in another order"


def settled(account: dict[str, Any]) -> dict[str, Any]:
    """Return the account without unfinished episodes, the running import's line, and counts of them."""
    kept = {path: answer for path, answer in account.items() if not _of_an_open_one(path) and path != "/queue"}
    return {path: {**answer, "body": _settled(answer["body"])} if "body" in answer else answer for path, answer in kept.items()}


def _of_an_open_one(path: str) -> bool:
    parts = path.split("?", maxsplit=1)[0].split("/")
    return (parts[1] == "episodes" and len(parts) > 2 and int(parts[2]) in OPEN) or parts[-1] == "report"


def _settled(body: Any) -> Any:
    if not isinstance(body, dict):
        return body
    body = {key: value for key, value in body.items() if key not in COUNTED}
    for key in ("items", "transcriptions"):
        if isinstance(body.get(key), list):
            body[key] = [_settled(row) for row in body[key] if not _open_row(row)]
    return body


COUNTED = {"count", "counts", "total", "at_least", "queue", "hours", "episodes", "running", "done", "finished_at"}


def _open_row(row: Any) -> bool:
    if not isinstance(row, dict):
        return False
    is_episode, line_waits = "stages" in row, row.get("state") == "waiting" and "feed_id" in row
    return bool((is_episode and row["id"] in OPEN) or row.get("episode_id") in OPEN or line_waits)


def compare(account: dict[str, Any], app: RunningApp) -> list[str]:
    found = []
    for path, before in account.items():
        now = inventory.answer(app.client, path)
        if path.startswith("/opml") or path.endswith("/failed"):
            found += [f"{path}: {line}" for line in before["text"].splitlines() if "<outline" in line and line not in now["text"]]
        else:
            found += [f"{path} {difference}" for difference in differences(before, now)]
    return found


def ask(app: RunningApp, method: str, path: str, **more: Any) -> Any:
    answer = app.client.request(method, f"/api/v1{path}", **more)
    assert answer.is_success, (method, path, answer.status_code, answer.text)
    return answer.json() if answer.content else None


@pytest.fixture
def hosts() -> Iterator[Shows]:
    with shows() as found:
        publish_later(found)
        yield found


@pytest.fixture
def app(tmp_path: Path, hosts: Shows) -> Iterator[RunningApp]:
    data = tmp_path / "data"
    with zipfile.ZipFile(LIBRARY) as packed:
        packed.extractall(data)
    # The fixture is older than a week, so the trash would rightly be emptied: set the deletion to today.
    with closing(sqlite3.connect(data / "castmind.db")) as db, db:
        db.execute("UPDATE episodes SET deleted_at = ? WHERE deleted_at IS NOT NULL", [time.time()])
    with RunningApp(data, **SETTINGS) as server:
        yield server


def wait_until_open_work_is_done(app: RunningApp) -> None:
    # One job waits for a time that its host named when the fixture was made. If that has passed, the job is done: then 409.
    answer = app.client.post(f"/api/v1/episodes/{NAMED['waiting']}/retry")
    assert answer.status_code in (200, 409), answer.text
    for episode_id in sorted(OPEN):
        app.wait_done(episode_id, patience=180)


def test_all_that_it_held_is_there_and_all_that_it_was_doing_gets_done(app: RunningApp, hosts: Shows) -> None:
    assert compare(settled(ACCOUNT), app) == []
    wait_until_open_work_is_done(app)
    spoken = ask(app, "GET", f"/episodes/{NAMED['interrupted']}/transcript")["segments"]
    assert [segment["text"] for segment in spoken].count("We spent seven dollars on money.") == 6
    assert app.states(NAMED["failed"])["fetch"] == "failed"
    assert set(app.states(NAMED["cancelled"]).values()) == {"cancelled"}
    wait_for(lambda: not any(row["running"] for row in inventory.items(app.client, "/imports")), why=app.last_words)
    states = [line["state"] for line in inventory.items(app.client, "/imports/1/lines")]
    assert states == ["known", "added", "failed", "added"]
    assert compare(settled(ACCOUNT), app) == []
    assert "Traceback" not in app.last_words()


def test_what_it_had_begun_goes_on(app: RunningApp, hosts: Shows) -> None:
    private = next(feed for feed in inventory.items(app.client, "/feeds") if feed["access"] == "password")
    hosts.private.publish("private-2.mp3", "Heard with the old key", data=audio("english", "private-2"), duration="5")
    ask(app, "POST", f"/feeds/{private['id']}/refresh")
    assert hosts.private.requests("/feed.xml")[-1].headers["authorization"] == BASIC
    assert "Heard with the old key" in [e["title"] for e in inventory.items(app.client, f"/episodes?feed_id={private['id']}")]

    half = inventory.items(app.client, "/uploads")[0]
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(half["offset"]), "Content-Type": "application/offset+octet-stream"}
    rest = audio("english", "half")[half["offset"] :]
    answer = app.client.patch(f"/api/v1/uploads/{half['id']}", content=rest, headers=headers)
    assert answer.status_code == 204
    # The file names itself so.
    assert "half" in [episode["title"] for episode in inventory.items(app.client, "/episodes?limit=200")]

    removed = inventory.items(app.client, "/removed-feeds")[0]
    assert ask(app, "POST", f"/removed-feeds/{removed['id']}/restore")["url"] == hosts.removed.feed_url
    trashed = inventory.items(app.client, "/episodes?deleted=true")[0]["id"]
    ask(app, "POST", f"/episodes/{trashed}/restore")
    assert ask(app, "GET", f"/episodes/{trashed}")["deleted_at"] is None
    segment = ask(app, "GET", "/episodes/1/transcript")["segments"][0]
    ask(app, "POST", "/episodes/1/edits/undo")
    assert ask(app, "GET", "/episodes/1/transcript")["segments"][0]["text"] == segment["original"]


@pytest.mark.long
def test_the_backup_that_it_made_restores(app: RunningApp, hosts: Shows) -> None:
    wait_until_open_work_is_done(app)
    # The import that was under way goes on at once, and would add episodes.
    hosts.slow.play("/feed.xml", *[Mode.SILENT] * 20)
    # A schema update makes its own backup, which is newer than the one to test.
    made = {backup["name"] for backup in ACCOUNT["/backups"]["body"]["items"]}
    backup = next(each for each in inventory.items(app.client, "/backups") if each["name"] in made)
    assert backup["error"] is None
    ask(app, "POST", f"/backups/{backup['name']}/restore")

    def restored() -> bool:
        state = app.client.get("/api/v1/backups")
        return state.status_code == 200 and not state.json()["restore"]["running"] and app.ready()

    wait_for(restored, why=app.last_words)
    assert ask(app, "GET", "/backups")["restore"]["error"] is None
    # The queue is paused here, so the open work is unchanged, too.
    as_it_was = {path: answer for path, answer in ACCOUNT.items() if path not in BESIDE_THE_LIBRARY and not _trashed(path)}
    assert compare(as_it_was, app) == []
    assert ask(app, "POST", "/queue/resume")["paused"] is False
    wait_until_open_work_is_done(app)


def _trashed(path: str) -> bool:
    """Whether the answer depends on the backup's trash: it is older than a week by now, and may be purged at any moment."""
    return "deleted=true" in path or path.split("/")[1:3] == ["episodes", str(TRASHED)] or path == "/statistics"


TRASHED = ACCOUNT["/episodes?limit=200&deleted=true"]["body"]["items"][0]["id"]
BESIDE_THE_LIBRARY = {"/uploads", "/backups", *(path for path in ACCOUNT if path.startswith("/imports"))}
