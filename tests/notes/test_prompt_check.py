"""One request and its two tries: the first answer survives any result of the second."""

from __future__ import annotations

import json
import socket
from dataclasses import replace

import pytest

from core import errors
from core.llm.ollama import OllamaClient
from core.notes import prompts
from core.notes.answers import json_schemas
from core.notes.answers.json_schemas import WantedField
from core.notes.answers.response_schemas import MapForm
from core.notes.prompt_check import Asker, Question
from tests.llm.test_streaming import http, row, server

WANTED = WantedField(8, 2, 2, 2)
BODY = ["The harbour opens in May, and ships pay less from then on."]
POINTS = [{"text": "Ships pay less", "quote": "ships pay less from then on"}]


class Turns:
    """Answers with the beginning of notes first, and then in another way."""

    def __init__(self, then: bytes, first: str) -> None:
        self._then, self._first = then, first
        self.asked = 0

    def __call__(self, talk: socket.socket) -> None:
        self.asked += 1
        last = {"done": True, "done_reason": "length", "prompt_eval_count": 600, "eval_count": 999}
        talk.sendall(http(row(self._first, **last)) if self.asked == 1 else self._then)


def ask(address: str) -> MapForm:
    # The code of the answers below: as for a model that has read it.
    front = replace(prompts.front(prompts.lines(BODY), "en"), code="40713")
    schema = json_schemas.map_schema(1, WANTED)
    question = Question(
        prompts.map_prompt(front, WANTED, json_schemas.skeleton(schema)),
        schema,
        lambda said: MapForm.read(said).within(1, WANTED),
    )
    return Asker(OllamaClient(address), "x:1b", 8192, 1000, 3.0, lambda: False).ask(question)


BEGUN = json.dumps({"code": "40713", "sentence_1": "The harbour opens.", "points": POINTS})[:-2]
BREAKS = [
    http(row("hm")),
    http(b'{"error": "busy"}', "503 Service Unavailable"),
    http(b"<html>", "404 Not Found"),
    http(b'{"error": "runner died"}', "500 Internal Server Error"),
    http(row("no object at all", done=True, done_reason="stop")),
]


@pytest.mark.parametrize("then", BREAKS)
def test_what_was_complete_of_the_first_answer_is_taken(then: bytes) -> None:
    turns = Turns(then, BEGUN)
    with server(turns) as (address, _):
        form = ask(address)
    assert turns.asked == 2
    assert [p.model_dump() for p in form.points] == POINTS and not form.whole


@pytest.mark.parametrize("then", BREAKS[:4])
def test_without_any_the_error_of_the_second_is_said(then: bytes) -> None:
    turns = Turns(then, "nothing")
    with server(turns) as (address, _), pytest.raises(errors.CastMindError) as caught:
        ask(address)
    assert turns.asked == 2
    assert "choose another model" not in caught.value.detail
