"""Every message survives a round trip through JSON unchanged; anything else is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from core import errors
from core.domain.transcripts.transcript import SpeechEngine, Transcript
from core.pipeline import protocol
from core.pipeline.graph import steps
from core.pipeline.protocol import (
    KINDS,
    VERSION,
    Assignment,
    BadMessage,
    ClaimRequest,
    Failure,
    Heartbeat,
    Idle,
    Orders,
    Part,
    Refused,
    Result,
    decode,
    encode,
    error_of,
    failure_of,
    value_of,
)
from core.pipeline.step import Checkpoint, Need
from core.pipeline.steps.publish import Published
from core.pipeline.values import to_json

MESSAGES: tuple[Any, ...] = (
    ClaimRequest("here", ("transcribe", "publish")),
    ClaimRequest("there", ("publish",), (Need.CPU, Need.NET)),
    Heartbeat("c", 0.5, {"phase": "播", "eta": 1.5}),
    Part("c", "Checkpoint", {"key": "k", "payload": {"list": [1, None]}}),
    Result("c", "Published", {"files": ["exports/a.md"]}, {"files": []}),
    Failure("c", "server_busy", "Come later.", {"seconds": 7}, retry_after=7.0, progressed=True),
    Assignment("c", "publish", {"job": {}}, 30.0),
    Idle(),
    Orders("cancelled"),
    Refused("lease_lost", "It is another's."),
)


def all_errors(cls: type[errors.CastMindError] = errors.CastMindError) -> Iterator[type[errors.CastMindError]]:
    """Return the error classes with their own code."""
    if "code" in vars(cls):
        yield cls
    for sub in cls.__subclasses__():
        yield from all_errors(sub)


def body(kind: str, **values: Any) -> bytes:
    return json.dumps({"version": VERSION, "kind": kind, "body": values}).encode()


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_comes_back_equal(message: Any) -> None:
    assert decode(encode(message)) == message


def test_every_kind_of_message_is_among_these() -> None:
    assert {type(message) for message in MESSAGES} == set(KINDS.values())


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(body("gossip"), id="unknown kind"),
        pytest.param(body("heartbeat"), id="no claim"),
        pytest.param(body("heartbeat", claim="c", progress=1.5), id="progress beyond the end"),
        pytest.param(body("heartbeat", claim="c", progress=float("nan")), id="no number"),
        pytest.param(body("heartbeat", claim="c", detail=[1]), id="a detail that is a list"),
        pytest.param(body("failure", claim="c", code="x", detail="y", params={"a": {}}), id="params that are no scalars"),
        pytest.param(body("claim", worker="w", steps="publish"), id="steps that are a text"),
        pytest.param(body("heartbeat", claim="\ud800"), id="half a character"),
        pytest.param(body("idle").replace(b'"version": 1', b'"version": 2'), id="another version"),
        pytest.param(b'{"version": 1, "kind": ["idle"], "body": {}}', id="a kind that is a list"),
    ],
)
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(BadMessage):
        decode(data)


def test_characters_beyond_the_basic_plane_are_taken_as_escapes_too() -> None:
    assert decode(body("heartbeat", claim="\N{DOG FACE}")) == Heartbeat("\N{DOG FACE}")


def test_a_message_that_is_too_large_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MOST_BYTES", 100)
    with pytest.raises(BadMessage, match="at most 100 bytes"):
        decode(b" " * 101)


def test_the_reason_shows_nothing_of_the_message() -> None:
    with pytest.raises(BadMessage) as caught:
        decode(body("heartbeat", claim="c", progress="a secret"))
    assert str(caught.value) == "Heartbeat: progress do not fit"


def test_a_step_gives_what_it_declares_and_checkpoints_alone() -> None:
    publish = steps()["publish"]
    assert value_of(publish, "Published", {"files": ["a"]}) == Published(("a",))
    assert value_of(publish, "Checkpoint", {"key": "k", "payload": {}}) == Checkpoint("k", {})
    transcript = to_json(Transcript("en", 1.0, (), SpeechEngine("demo")))
    with pytest.raises(BadMessage, match="publish gives no such value"):
        value_of(publish, "Transcript", transcript)
    with pytest.raises(BadMessage, match="files"):
        value_of(publish, "Published", {"files": 7})


@pytest.mark.parametrize("cls", all_errors(), ids=lambda cls: cls.__name__)
def test_every_error_comes_back_in_its_own_class(cls: type[errors.CastMindError]) -> None:
    error = errors.from_dict({"code": cls.code, "detail": "It is so.", "params": {"times": 2}})
    if isinstance(error, errors.OutsideCondition):
        error.retry_after = 77.0
    back = error_of(decoded(failure_of("c", error, progressed=True)))
    assert (type(back), back.to_dict(), str(back)) == (cls, error.to_dict(), "It is so.")
    assert getattr(back, "retry_after", None) == getattr(error, "retry_after", None)


def decoded(failure: Failure) -> Failure:
    back = decode(encode(failure))
    assert isinstance(back, Failure)
    return back


def test_an_error_that_no_step_should_raise_is_told_by_its_name() -> None:
    failure = failure_of("c", KeyError("title"), progressed=False)
    assert (failure.code, failure.detail) == ("internal", "KeyError: 'title'")


def test_an_error_of_a_newer_worker_is_one_that_may_pass() -> None:
    assert type(error_of(Failure("c", "not_known_here", "It is new."))) is errors.CastMindError
