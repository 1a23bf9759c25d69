"""A long outage test of a real server: random kills, full disks, locked and wrong databases, restores; then an inventory.

    round: files are submitted (inbox, upload, resumable upload, feed) ─▶ an outage ─▶ a start ─▶ inventory
    inventory: every acknowledged file is an episode, or a file that becomes one; the database is intact
    at the end: each file is one episode, byte for byte, with transcript and notes; no partial files are left

A file is acknowledged when the API answered 200 or 201 with the episode, when it was moved into the inbox, or when a poll of
the feed listed it. A sender without an answer retries, as people do. Items that a restore removes are in the restore point,
or in the folder of the damaged state that it names: they are fetched from there by hand, and counted.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.fakes.podcast_host import PodcastHost
from tests.kills import SAMPLE, audio
from tests.running import RunningApp, command, wait_for
from tests.words import error_rate, words_of

WAYS = ("inbox", "upload", "resumable", "feed")
BREAKS = ("disk", "lock", "wrong")
WRONG = ("foreign", "emptied", "deleted", "flipped", "noise", "text")
# Failed after three kills: the only acceptable failure here. It is retried by hand.
GIVEN_UP = ("server_keeps_ending", "worker_keeps_dying")
PATIENCE = 300.0


@dataclass
class Item:
    """A submitted file. `place` is a resumable upload's URL, `offset` the bytes that the server has acknowledged."""

    number: int
    way: str
    acknowledged: bool = False
    place: str = ""
    offset: int = 0

    @property
    def data(self) -> bytes:
        return audio(self.number, 1)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def title(self) -> str:
        return f"Item {self.number}"


class Siege:
    """The outage test. `room` contains the data folder; `small` tells whether its file system can be filled."""

    def __init__(self, room: Path, app: RunningApp, host: PodcastHost, *, seed: int, small: bool) -> None:
        self.room, self.app, self.host, self.small = room, app, host, small
        self.data = app.data
        self.chance = random.Random(seed)
        self.counts: Counter[str] = Counter()
        self.items: list[Item] = []
        self.heard: set[str] = set()
        self.faults: list[str] = []
        self.spoilt = False
        self.feed = 0

    def subscribe(self) -> None:
        """Subscribe to the host's feed, in which files are submitted too."""
        answer = self.app.client.post("/api/v1/feeds", json={"url": self.host.feed_url, "auto_transcribe": True, "backlog": 0})
        assert answer.status_code == 201, answer.text
        self.feed = int(answer.json()["id"])

    # --- submitting -------------------------------------------------------------------------------

    def hand_in(self, count: int) -> list[threading.Thread]:
        """Submit files in threads, so that outages hit the senders midway."""
        new = [Item(len(self.items) + n, self.chance.choice(WAYS)) for n in range(count)]
        self.items += new
        again = [item for item in self.items if not item.acknowledged and item not in new]
        threads = [threading.Thread(target=self._send, args=(item,)) for item in [*again[:3], *new]]
        for thread in threads:
            thread.start()
        return threads

    def _send(self, item: Item) -> None:
        try:
            with httpx.Client(base_url=self.app.url, timeout=60.0, trust_env=False) as client:
                getattr(self, f"_by_{item.way}")(client, item)
        except (httpx.HTTPError, OSError):
            self.counts["without an answer"] += 1
        except (AssertionError, KeyError, ValueError, sqlite3.Error) as error:
            self.faults.append(f"{item}: {error!r}")

    def _by_inbox(self, _client: httpx.Client, item: Item) -> None:
        made = self.room / f"{item.title}.wav"
        made.write_bytes(item.data)
        made.rename(self.data / "inbox" / made.name)
        item.acknowledged = True

    def _by_upload(self, client: httpx.Client, item: Item) -> None:
        answer = client.post("/api/v1/episodes", files={"file": (f"{item.title}.wav", item.data)})
        self._answered(answer, item)

    def _by_resumable(self, client: httpx.Client, item: Item) -> None:
        told = {"Tus-Resumable": "1.0.0"}
        if item.place:
            answer = client.head(item.place, headers=told)
            if answer.status_code == 404:
                item.place, item.offset = "", 0
            elif answer.status_code in (200, 204):
                had = int(answer.headers["upload-offset"])
                assert had >= item.offset, f"{item} lost acknowledged bytes: {had}"
                item.offset = had
            else:
                return self._answered(answer, item)
        if not item.place:
            name = base64.b64encode(f"{item.title}.wav".encode()).decode()
            headers = {**told, "Upload-Length": str(len(item.data)), "Upload-Metadata": f"filename {name}"}
            answer = client.post("/api/v1/uploads", headers=headers)
            if answer.status_code != 201:
                return self._answered(answer, item)
            item.place = answer.headers["location"]
        while not item.acknowledged:
            headers = {**told, "Upload-Offset": str(item.offset), "Content-Type": "application/offset+octet-stream"}
            answer = client.patch(item.place, content=item.data[item.offset : item.offset + 60_000], headers=headers)
            if answer.status_code != 204:
                return self._answered(answer, item)
            item.offset = int(answer.headers["upload-offset"])
            item.acknowledged = "castmind-episode" in answer.headers
        return None

    def _by_feed(self, client: httpx.Client, item: Item) -> None:
        if item.title not in {i.title for i in self.host.items}:
            self.host.publish(f"item-{item.number}.wav", item.title, guid=item.title, data=item.data, published=time.time())
        answer = client.post(f"/api/v1/feeds/{self.feed}/refresh")
        if answer.status_code != 200:
            return self._answered(answer, item)
        try:
            with self._library() as db:
                item.acknowledged = db.execute("SELECT 1 FROM episodes WHERE guid = ?", [item.title]).fetchone() is not None
        except sqlite3.DatabaseError:
            if not self.spoilt:
                raise
        return None

    def _answered(self, answer: httpx.Response, item: Item) -> None:
        """Accept a refusal only for its true cause: a full disk, a locked database, a restore, existing bytes."""
        self.counts[f"answers {answer.status_code}"] += 1
        if answer.status_code in (200, 201):
            item.acknowledged = True
        elif answer.status_code in (404, 409) and item.way == "resumable":
            item.place, item.offset = "", 0
        else:
            expected = (422, 502, 503, 504, 507, *((500,) if self.spoilt else ()))
            assert answer.status_code in expected, (item, answer.status_code, answer.text)

    # --- outages ----------------------------------------------------------------------------------

    def kill(self) -> None:
        self.app.kill()
        self.counts["kills"] += 1

    def pause(self, most: float) -> None:
        time.sleep(self.chance.uniform(0.0, most))

    def round_kill(self) -> None:
        if self.chance.random() < 0.2:
            # During a start, too.
            self.app.stop()
            self.app.start(wait=False)
            self.pause(4.0)
            self.kill()
            self.app.start()
            return
        threads = self.hand_in(self.chance.choice((1, 1, 2)))
        self.pause(4.0)
        self.kill()
        _ended(threads)
        self.app.start()

    def round_disk(self) -> None:
        with self._full_disk():
            threads = self.hand_in(2)
            self.pause(4.0)
            killed = self.chance.random() < 0.5
            if killed:
                self.kill()
            _ended(threads)
            if killed and self.chance.random() < 0.5:
                self._started_or_told()
        if self.app.exit_status() is not None:
            self.app.start()
        wait_for(self.app.ready, why=self.app.last_words)

    @contextmanager
    def _full_disk(self) -> Iterator[None]:
        filler = self.room / "filler"
        try:
            with filler.open("wb", buffering=0) as file:
                try:
                    while True:
                        file.write(bytes(1 << 20))
                except OSError:
                    self.counts["disks filled"] += 1
                size = file.tell()
                file.truncate(max(size - self.chance.choice((0, 0, 4096, 40_000, 200_000)), 0))
            yield
        finally:
            filler.unlink()

    def round_lock(self) -> None:
        with closing(sqlite3.connect(self.data / "castmind.db", isolation_level=None, timeout=30.0)) as other:
            other.execute("BEGIN IMMEDIATE")
            threads = self.hand_in(2)
            time.sleep(self.chance.uniform(1.0, 8.0))
            killed = self.chance.random() < 0.4
            if killed:
                self.kill()
                self._started_or_told()
            other.execute("ROLLBACK")
        if self.app.exit_status() is not None:
            self.app.start()
        _ended(threads)
        wait_for(self.app.ready, why=self.app.last_words)

    def round_wrong(self) -> None:
        """Replace the database with another file, while the server runs or not: restore it from the newest backup."""
        name = self.backup()
        how = self.chance.choice(WRONG)
        self.counts[f"wrong: {how}"] += 1
        _ended(self.hand_in(1))
        if self.chance.random() < 0.5:
            self.spoilt = True
            self.spoil(how)
            threads = self.hand_in(1)
            self.pause(4.0)
            self.kill()
            _ended(threads)
            self.spoilt = False
        else:
            if self.chance.random() < 0.5:
                self.kill()
            else:
                self.app.stop()
            self.spoil(how)
        self._started_or_told()
        if self._asks() and self.chance.random() < 0.5:
            answer = self.app.client.post("/rescue/restore", data={"backup": name}, headers={"Origin": self.app.url})
            assert answer.status_code == 303, answer.text
            self.counts["restores at the page"] += 1
        else:
            asked = self._asks()
            code, out, err = command(self.app, "restore", name, "--yes")
            said = out + err
            assert code == 0, f"{how}: {said} {self.app.last_words()}"
            if asked:
                self.app.stop()
        self._forget_uploads()
        if self.app.exit_status() is not None:
            self.app.start()
        wait_for(self.app.ready, why=self.app.last_words)
        self.counts["restores"] += 1
        self._fetch_what_was_set_aside()

    def spoil(self, how: str) -> None:
        path = self.data / "castmind.db"
        match how:
            case "foreign":
                made = self.room / "foreign.db"
                with closing(sqlite3.connect(made)) as db:
                    db.executescript("CREATE TABLE moz_places (id INTEGER, url TEXT); INSERT INTO moz_places VALUES (1, 'x');")
                made.replace(path)
            case "emptied":
                os.truncate(path, 0)
            case "deleted":
                path.unlink()
            case "flipped":
                with path.open("r+b") as file:
                    for _ in range(self.chance.choice((1, 1, 20))):
                        place = self.chance.randrange(path.stat().st_size)
                        file.seek(place)
                        byte = file.read(1)[0] ^ (1 << self.chance.randrange(8))
                        file.seek(place)
                        file.write(bytes([byte]))
            case "noise":
                path.write_bytes(self.chance.randbytes(20_000))
            case _:
                path.write_text("This is no database.\n" * 500)

    def round_restore(self) -> None:
        """Restore a backup, killed midway or not, and then restore the state before it."""
        name = self.backup()
        _ended(self.hand_in(self.chance.choice((0, 1, 2))))
        self._restore(name, maybe_killed=True)
        if self._missing(3.0):
            found = sorted((self.data / "backups").glob("castmind-restore-point-*.zip"), key=lambda p: p.stat().st_mtime)
            assert found, "items are missing, and there is no restore point"
            self._restore(found[-1].name)
            self.counts["there and back again"] += 1
            # Items that arrived between the two restores are in the restore point of the second.
            self._fetch_what_was_set_aside()

    def _restore(self, name: str, *, maybe_killed: bool = False) -> None:
        answer = self.app.client.post(f"/api/v1/backups/{name}/restore")
        assert answer.status_code == 202, answer.text
        self._forget_uploads()
        self.counts["restores"] += 1
        if maybe_killed and self.chance.random() < 0.6:
            self.pause(1.5)
            self.kill()
            self.counts["kills in a restore"] += 1
            self.app.start()
            return

        def over() -> bool:
            state = self.app.client.get("/api/v1/backups").json().get("restore") or {}
            assert not state.get("error"), state
            return bool(state) and not state["running"]

        wait_for(over, why=self.app.last_words)
        wait_for(self.app.ready, why=self.app.last_words)

    def _forget_uploads(self) -> None:
        """A restore removes unfinished uploads and reports it: they start again. So do later transcripts."""
        self.heard.clear()
        for item in self.items:
            if not item.acknowledged:
                item.place, item.offset = "", 0

    def backup(self) -> str:
        """Make a backup and return its name. Delete all but the last two: retention is not under test."""
        folder = self.data / "backups"
        for old in sorted(folder.glob("*.zip"), key=lambda p: p.stat().st_mtime)[:-2]:
            old.unlink()
        before = {path.name for path in folder.glob("*.zip")}
        media = self.chance.random() < 0.5
        wait_for(
            lambda: self.app.client.post("/api/v1/backups", json={"media": media}).status_code == 202, why=self.app.last_words
        )
        wait_for(lambda: not self.app.client.get("/api/v1/backups").json()["running"], why=self.app.last_words)
        made = [path.name for path in folder.glob("castmind-manual-*.zip") if path.name not in before]
        assert len(made) == 1, (made, self.app.client.get("/api/v1/backups").json()["last"])
        return made[0]

    def _started_or_told(self) -> None:
        """A start that cannot succeed exits with a message, not a traceback, or reports on its port that it is not ready."""
        before = self.app.log.stat().st_size
        self.app.start(wait=False)

        def settled() -> str:
            if self.app.exit_status() is not None:
                return "ended"
            try:
                answer = self.app.client.get("/health/ready", timeout=5.0)
            except httpx.HTTPError:
                return ""
            status = str(answer.json().get("status")) if answer.status_code in (200, 503) else ""
            return "" if status in ("starting", "restoring") else status

        found = wait_for(settled, why=self.app.last_words)
        self.counts[f"starts: {found}"] += 1
        if found == "ended":
            said = self.app.log.read_text(encoding="utf-8", errors="replace")[before:]
            assert "CastMind cannot start." in said, said
            assert "Traceback" not in said, said

    def _asks(self) -> bool:
        """Whether the server shows the page that asks which backup to restore."""
        if self.app.exit_status() is not None:
            return False
        return bool(self.app.client.get("/health/ready").json()["status"] == "waiting for a decision")

    def _fetch_what_was_set_aside(self) -> None:
        """Fetch items newer than the backup from the folder that the restore names, as a person would by hand."""
        for item in self._missing():
            aside = [p for folder in self.data.glob("damaged-*") for p in folder.rglob(f"{item.sha256}*")]
            data = aside[0].read_bytes() if aside else self._in_restore_points(item)
            assert data == item.data, f"{item} is nowhere"
            made = self.room / f"{item.title}.wav"
            made.write_bytes(data)
            made.rename(self.data / "inbox" / made.name)
            self.counts["fetched from what a restore set aside"] += 1

    def _in_restore_points(self, item: Item) -> bytes | None:
        for path in sorted((self.data / "backups").glob("castmind-restore-point-*.zip")):
            with zipfile.ZipFile(path) as opened:
                for name in opened.namelist():
                    if item.sha256 in name:
                        return opened.read(name)
        return None

    # --- the inventory ----------------------------------------------------------------------------

    def inventory(self) -> None:
        assert self.faults == [], self.faults
        missing = self._missing()
        assert missing == [], f"lost: {missing}\n{self.app.last_words()}"
        with self._library() as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            heard = {row[0] for row in db.execute("SELECT sha256 FROM episodes JOIN transcripts ON episode_id = episodes.id")}
        assert self.heard <= heard, f"transcripts lost of {self.heard - heard}"
        self.heard = heard
        self.counts["inventories"] += 1

    @contextmanager
    def _library(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(f"file:{self.data / 'castmind.db'}?mode=ro", uri=True, timeout=30.0)) as db:
            yield db

    def _missing(self, patience: float = 20.0) -> list[Item]:
        left = self._not_there()
        if any(item.way == "feed" for item in left):
            self.app.client.post(f"/api/v1/feeds/{self.feed}/refresh")
            left = self._not_there()
        # It may be in the middle of a rename.
        deadline = time.monotonic() + patience
        while left and time.monotonic() < deadline:
            time.sleep(0.5)
            left = self._not_there()
        return left

    def _not_there(self) -> list[Item]:
        """Return acknowledged items that are neither an episode with audio nor a file that becomes one."""
        with self._library() as db:
            rows = db.execute("SELECT sha256, guid, media_path, bytes FROM episodes WHERE deleted_at IS NULL").fetchall()
        whole = {sha256 for sha256, _, path, size in rows if path and _size(self.data / path) == size}
        guids = {guid for _, guid, _, _ in rows}
        left = [i for i in self.items if i.acknowledged and i.sha256 not in whole and not (i.way == "feed" and i.title in guids)]
        if left:
            named = {path for _, _, path, _ in rows}
            waiting = {
                hashlib.sha256(content).hexdigest()
                for folder in ("inbox", "uploads")
                for path in (self.data / folder).rglob("*")
                if f"{folder}/{path.name}" not in named and (content := _content(path))
            }
            left = [item for item in left if item.sha256 not in waiting]
        return left

    def calm(self, open_episodes: int) -> None:
        """Wait until at most `open_episodes` episodes have open steps."""

        def quiet() -> bool:
            with self._library() as db:
                states = dict(
                    db.execute("SELECT state, count(*) FROM episodes WHERE deleted_at IS NULL GROUP BY state").fetchall()
                )
                later = db.execute(
                    "SELECT episode_id FROM jobs WHERE stage = 'fetch' AND state = 'waiting' AND not_before > ?",
                    [time.time() + 90.0],
                ).fetchall()
                given_up = db.execute(
                    "SELECT DISTINCT episode_id, json_extract(error, '$.code'), error FROM jobs WHERE state = 'failed'"
                ).fetchall()
            for (episode_id,) in later:
                self.app.client.post(f"/api/v1/episodes/{episode_id}/retry").raise_for_status()
                self.counts["fetches tried again by hand before their time"] += 1
            for episode_id, code, error in given_up:
                assert code in GIVEN_UP, error
                self.app.client.post(f"/api/v1/episodes/{episode_id}/retry").raise_for_status()
                self.counts["given up after three kills, and tried again by hand"] += 1
            return sum(states.get(name, 0) for name in ("queued", "running", "waiting")) <= open_episodes

        wait_for(quiet, patience=PATIENCE + 10 * len(self.items), pause=0.5, why=self.app.last_words)

    def _untaken(self) -> list[Item]:
        with self._library() as db:
            known = {row[0] for row in db.execute("SELECT sha256 FROM episodes WHERE deleted_at IS NULL")}
        return [item for item in self.items if item.sha256 not in known]

    def settle(self) -> None:
        """Check the end state: every item done once, byte for byte, and no leftovers."""
        while unsent := [item for item in self.items if not item.acknowledged]:
            wait_for(self.app.ready, why=self.app.last_words)
            for item in unsent:
                self._send(item)
            assert self.faults == []

        def taken_in() -> bool:
            return self._untaken() == []

        wait_for(taken_in, patience=PATIENCE, pause=1.0, why=lambda: f"{self._untaken()} {self.app.last_words()}")
        self.calm(0)
        self.inventory()
        wanted = words_of(SAMPLE)
        with self._library() as db:
            rows = db.execute(
                "SELECT id, sha256, media_path FROM episodes WHERE deleted_at IS NULL AND sha256 IS NOT NULL"
            ).fetchall()
        assert sorted(sha256 for _, sha256, _ in rows) == sorted(item.sha256 for item in self.items)
        for episode_id, sha256, path in rows:
            assert hashlib.sha256((self.data / path).read_bytes()).hexdigest() == sha256
            transcript = self.app.client.get(f"/api/v1/episodes/{episode_id}/transcript").json()
            wrong, words = error_rate(wanted, " ".join(s["text"] for s in transcript["segments"]))
            assert wrong <= 0.1 * words, transcript
            assert self.app.client.get(f"/api/v1/episodes/{episode_id}/summary").json()["engine"] == "ollama"
        self.app.stop()
        left = [str(p.relative_to(self.data)) for p in self.data.rglob("*") if _half_done(p)]
        assert left == [], left
        assert [p.name for p in (self.data / "inbox").rglob("*") if p.is_file()] == []
        assert not (self.data / ".restore").exists() or list((self.data / ".restore").rglob("*")) == []

    # --- all of it --------------------------------------------------------------------------------

    def run(self, kills: int, breaks: int, *, say: Callable[[str], None] = print) -> Counter[str]:
        """Run all rounds; `app` is running at first and stopped at the end."""
        self.subscribe()
        kinds = [kind for kind in BREAKS if self.small or kind != "disk"]
        plan = ["kill"] * kills + [kinds[n % len(kinds)] for n in range(breaks)] + ["restore"] * max(breaks // 2, 1)
        self.chance.shuffle(plan)
        for number, kind in enumerate(plan):
            say(f"round {number + 1} of {len(plan)}: {kind}, {len(self.items)} items, {time.strftime('%X')}")
            getattr(self, f"round_{kind}")()
            self.counts[f"rounds: {kind}"] += 1
            self.inventory()
            if self.chance.random() < 0.12:
                self.calm(2)
        self.settle()
        self.counts["items"] = len(self.items)
        self.counts.update(f"items by {item.way}" for item in self.items)
        self.counts["lost"] = 0
        for what, count in sorted(self.counts.items()):
            say(f"{count:6} {what}")
        return self.counts


def _ended(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join(120.0)
        assert not thread.is_alive()


def _half_done(path: Path) -> bool:
    """Whether a file is a leftover. Files set aside by a restore and uploads with a note are kept for their owner."""
    if (".part" not in path.name and ".tmp" not in path.name) or any(part.startswith("damaged-") for part in path.parts):
        return False
    if path.parent.name != "incoming":
        return True
    if path.suffix != ".json":
        return not path.with_name(f"{path.name}.json").is_file()
    return not path.with_suffix("").is_file() and not json.loads(path.read_text())["outcome"]


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError):
        return None


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[bool]:
    """Mount a small file system over the folder; return False, changing nothing, where that is not permitted."""
    mounted = (
        bool(shutil.which("mount"))
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "castmind-siege", str(folder)], check=False, capture_output=True
        ).returncode
    )
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def settings(ollama_url: str) -> dict[str, Any]:
    return {
        "OLLAMA_HOST": ollama_url,
        "CASTMIND_NOTES_ENGINE": "ollama",
        "CASTMIND_MIN_FREE_GB": "0",
        "CASTMIND_BACKUP_NIGHTLY": "false",
    }
