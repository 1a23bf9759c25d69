"""A worker in a separate process, for tests: `python -m tests.pipeline.remote.worker URL KEY DATA STEP…`

claim ─▶ the step runs in this process, with its resources ─▶ result or failure ─▶ claim …
            └─ parts at once; a heartbeat each BEAT seconds, whose reply may end the run

It has no database: opening one exits this process. While the server does not answer, it retries and keeps its results.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from typing import Any, cast

import httpx

from core import errors, settings
from core.net.web import Fetcher
from core.notes.language_model import LanguageModel
from core.pipeline import graph
from core.pipeline.executor import LocalExecutor
from core.pipeline.gpu import Card, GpuLease
from core.pipeline.protocol import (
    Assignment,
    ClaimRequest,
    Heartbeat,
    Orders,
    Part,
    Refused,
    Reply,
    Request,
    Result,
    decode,
    encode,
    failure_of,
)
from core.pipeline.step import Need, Resources, StepContext
from core.pipeline.values import from_json, to_json
from core.speech.client.client import SpeechClient
from tests.pipeline.remote.tally import TallyStep
from tests.pipeline.remote.transport import PATH

BEAT = 0.1
PAUSE = 0.02
OFFERS = tuple(Need)  # the processor stands in for a card
DATABASE_OPENED = 97


def no_database(event: str, _arguments: Any) -> None:
    if event == "sqlite3.connect":
        say("a database was opened")
        os._exit(DATABASE_OPENED)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Link:
    """The connection to the server: messages and replies. Any thread may send."""

    def __init__(self, url: str, key: str) -> None:
        self._http = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=30.0)

    def send(self, message: Request) -> Reply:
        while True:
            try:
                answer = self._http.post(PATH, content=encode(message))
            except httpx.TransportError:
                time.sleep(PAUSE)
                continue
            answer.raise_for_status()
            reply = cast(Reply, decode(answer.content))
            if isinstance(reply, Refused):
                say(f"refused {type(message).__name__} {reply.code}")
            return reply


class RemoteRun:
    """One assignment, from its start to the reply to its result."""

    def __init__(self, link: Link, assignment: Assignment) -> None:
        self._link = link
        self._assignment = assignment
        self._step = graph.steps()[assignment.step]
        self._ctx = StepContext(self._emit)
        self._ended = threading.Event()

    def run(self, executor: LocalExecutor) -> None:
        beating = threading.Thread(target=self._beat)
        beating.start()
        try:
            given = from_json(self._step.input, self._assignment.given)
            value = executor.run(self._step, given, self._ctx)
            self._ctx.check()
            say(f"made {type(value).__name__}")
        except Exception as error:
            say(f"failed {type(error).__name__}")
            last: Request = failure_of(self._assignment.claim, error, progressed=self._ctx.progressed)
        else:
            last = Result(self._assignment.claim, type(value).__name__, to_json(value), self._ctx.detail)
        self._ended.set()
        beating.join()
        self._link.send(last)

    def _emit(self, value: Any) -> None:
        say(f"made {type(value).__name__}")
        self._obey(self._link.send(Part(self._assignment.claim, type(value).__name__, to_json(value))))
        self._ctx.check()
        say(f"handed in {type(value).__name__}")

    def _beat(self) -> None:
        while not self._ended.wait(BEAT):
            self._obey(self._link.send(Heartbeat(self._assignment.claim, self._ctx.progress, self._ctx.detail)))

    def _obey(self, reply: Reply) -> None:
        if isinstance(reply, Refused):
            self._ctx.stop(errors.LeaseLost())
        elif isinstance(reply, Orders) and reply.stop:
            told = errors.from_dict({"code": reply.stop, "detail": "", "params": {}})
            self._ctx.stop(told if isinstance(told, errors.Stopped) else errors.LeaseLost())


def resources(data: Path) -> Resources:
    values = settings.load({}, environ=os.environ).values
    speech, model = SpeechClient(), LanguageModel(lambda: values)
    gpu = GpuLease(speech, card=Card, ollama=model.client, on_processor=model.on_processor)
    return Resources(data, speech, model, gpu, Fetcher(lambda: ("127.0.0.1",)))


def main(url: str, key: str, data: str, *steps: str) -> None:
    sys.addaudithook(no_database)
    graph.register(TallyStep())
    link, executor = Link(url, key), LocalExecutor(resources(Path(data)))
    say("ready")
    while True:
        reply = link.send(ClaimRequest(f"process {os.getpid()}", steps, OFFERS))
        if isinstance(reply, Assignment):
            say(f"runs {reply.step}")
            RemoteRun(link, reply).run(executor)
        else:
            time.sleep(PAUSE)


if __name__ == "__main__":
    main(*sys.argv[1:])
