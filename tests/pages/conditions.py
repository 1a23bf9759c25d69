"""Conditions outside as core raises their errors, with the words of other programs in their detail; and all that a page draws.

put: an episode whose job waits for one      conditions: one of each, of jobs, feeds, imports, tasks      drawn: pages as text
"""

from __future__ import annotations

import errno
import json
import re
import socket
from collections.abc import Callable, Iterator
from typing import Any

import httpcore
import httpx
from google.protobuf import text_format
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from core import errors
from core.app import CastMind
from core.domain.feeds.imports import ImportKind, LineState
from core.domain.jobs import waits
from core.domain.jobs.job import Stage, State
from core.domain.notes.note import Notes
from core.llm.errors import translated
from core.net import causes
from core.notes.language_model import LanguageModel
from core.store.db.sqlite import Database
from core.store.feeds import feeds, imports
from core.store.jobs import jobs, tasks
from core.store.jobs.tasks import NewTask
from core.store.library import episodes
from core.store.text import notes, transcripts
from tests.pages.conftest import TALK, open_page

PAGES = ("library/page.py", "queue/page.py", "feeds/page.py", "search/page.py", "settings/page.py", "status/page.py")
RAW = re.compile(
    r"Errno|Error\b|Traceback|Exception|connection attempts failed|Name or service|Connection refused by|HTTPSConnection|"
    r"httpx|httpcore|urllib|Ollama(?:Unreachable|Broke|Busy|NoMemory|ModelMissing)|DiskFull|NetworkUnreachable|\bssl\b",
)
# Four English words in a row; titles are made of other letters.
ENGLISH = re.compile(r"(?<![A-Za-z/._-])[A-Za-z]+(?: [a-z]+){3,}")
REFUSED = httpx.ConnectError("All connection attempts failed")
UNKNOWN = socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def unreachable() -> errors.CastMindError:
    """Return the error of a language model at an address that nobody answers."""
    try:
        LanguageModel(_Nowhere).client()  # type: ignore[arg-type, return-value]
    except errors.OllamaUnreachable as error:
        return error
    raise AssertionError("somebody answers at port 9")


class _Nowhere:
    ollama_host, ollama_remote_models = "http://127.0.0.1:9", False


def _of_ollama(error: Exception) -> errors.CastMindError:
    found = translated(error, "http://127.0.0.1:11434", "qwen2.5:7b", 600.0)
    assert found is not None
    return found


SUMMARISE: dict[str, Callable[[], errors.CastMindError]] = {
    "no Ollama": unreachable,
    "no Ollama at an address": lambda: _of_ollama(REFUSED),
    "no such host": lambda: _of_ollama(httpx.ConnectError(f"[Errno -2] {UNKNOWN}")),
    "model missing": lambda: errors.OllamaModelMissing("Ollama does not have qwen2.5:7b.", model="qwen2.5:7b", case="named"),
    "no memory": lambda: errors.OllamaNoMemory("RuntimeError: CUDA out of memory", model="x", reason="RuntimeError"),
    "busy": lambda: errors.OllamaBusy("HTTPStatusError: 503"),
    "broke": lambda: _of_ollama(httpx.RemoteProtocolError("Server disconnected without sending a response.")),
    "disk low": lambda: errors.DiskFull("OSError: [Errno 28] No space left on device"),
}
HOST, AUDIO = "pods.example", "https://pods.example/a"
FETCH: dict[str, Callable[[], errors.CastMindError]] = {
    "no such host": lambda: causes.of_resolving(UNKNOWN, HOST),
    "resolver away": lambda: causes.of_resolving(socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), HOST),
    "refused": lambda: causes.of_connecting(ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), HOST, 443),
    "unreachable": lambda: causes.of_connecting(OSError(errno.ENETUNREACH, "Network is unreachable"), HOST, 443),
    "silent": lambda: causes.of_connecting(httpcore.ConnectTimeout("timed out"), HOST, 443),
    "broken off": lambda: causes.of_transfer(httpcore.ReadError("[Errno 104] Connection reset by peer"), AUDIO, HOST),
    "no encryption": lambda: causes.of_transfer(httpcore.ConnectError("[SSL] record layer failure"), AUDIO, HOST),
    "disk low": lambda: errors.DiskFull("OSError: [Errno 28] No space left on device"),
    "of an earlier version": lambda: errors.NameUnknown("There is no host: [Errno -2] Name or service not known"),
    "a defect": lambda: errors.CastMindError("ValueError: invalid literal for int()"),
}


def put(castmind: CastMind, states: str, error: errors.CastMindError, *, readable: bool) -> int:
    """Return an episode whose first job that is not done has this error."""

    def add(db: Database) -> int:
        number = episodes.add(db, {"title": "谈话", "source": "upload", "duration": 60.0}, now=1000.0)
        jobs.enqueue(db, number, priority=0, now=1000.0)
        if readable:
            transcripts.save(db, number, TALK, now=1000.0)
            notes.add(db, number, Notes("要点。", language="zh"), now=1000.0)
        spent = False
        for stage, state in zip(Stage, states.split(), strict=True):
            record = None if spent or state == "done" else json.dumps(error.to_dict())
            spent = spent or record is not None
            held = waits.condition(error.to_dict()) if record and state == "waiting" else None
            sql = "UPDATE jobs SET state = ?, error = ?, condition = ?, not_before = 4e9, finished_at = 1000 "
            db.execute(f"{sql} WHERE episode_id = ? AND stage = ?", [state, record, held, number, stage.value])
        return number

    return castmind._store.write(add)


def everything(page: AppTest) -> str:
    """Return all that was drawn: of components their data, without the sentences that they hold for errors to come and the
    words of Streamlit that they replace.
    """

    def told(node: Any) -> Iterator[str]:
        if isinstance(node, Block):
            for child in node.children.values():
                yield from told(child)
        elif node.type == "bidi_component":
            yield json.dumps(without_tables(json.loads(node.proto.json)), ensure_ascii=False)
        proto = getattr(node, "proto", None)
        if proto is not None and node.type not in ("bidi_component", "html"):
            yield text_format.MessageToString(proto, as_utf8=True)

    return "\n".join(told(page._tree))


def without_tables(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: without_tables(value) for name, value in data.items() if name not in ("errors", "streamlit")}
    return [without_tables(value) for value in data] if isinstance(data, list) else data


def drawn(*numbers: int) -> dict[str, str]:
    """Return what each page draws, and each of these episodes' pages."""
    found = {name: everything(open_page(name)) for name in PAGES}
    return found | {f"episode {number}": everything(open_page("episode/page.py", id=str(number))) for number in numbers}


def conditions(castmind: CastMind) -> list[int]:
    """Put an episode into each condition; the feeds, imports and tasks that failed beside them."""
    made = [put(castmind, "done done waiting done", error(), readable=True) for error in SUMMARISE.values()]
    made += [put(castmind, "waiting queued queued queued", error(), readable=False) for error in FETCH.values()]
    made.append(put(castmind, "done failed queued queued", FETCH["a defect"](), readable=False))
    missing = errors.SpeechModelMissing("ConnectError: [Errno -3] Temporary failure in name resolution", model="small")
    made += [put(castmind, "done waiting queued queued", missing, readable=False) for _ in range(2)]

    def beside(db: Database) -> None:
        for name, error in FETCH.items():
            row = {"url": f"https://{len(name)}.example/{name}", "title": "节目", "next_poll_at": 4e9, "failures": 1}
            number = feeds.add(db, row, now=1.0)
            feeds.change(db, number, {"error": error().to_dict(), "last_polled_at": 1.0})
            wanted = {"kind": ImportKind.ADDRESS, "name": "节目", "auto_transcribe": True, "backlog": 0}
            import_id = imports.add(db, wanted, [(str(row["url"]), "节目", "", None)], now=1.0)
            line = imports.lines(db, import_id)[0]
            imports.change_line(db, line.id, {"state": LineState.FAILED, "error": error().to_dict()})
            imports.finish(db, import_id, now=1.0)
        for kind in ("refresh", "index", "probe"):
            claimed = tasks.claim(db, tasks.add(db, NewTask(kind, {}), now=1.0), now=1.0)
            assert claimed
            tasks.finish(db, claimed, State.FAILED, FETCH["disk low"]().to_dict(), now=2.0)

    castmind._store.write(beside)
    return made
