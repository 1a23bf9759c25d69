"""The messages between the server and a worker in another process, which runs steps: plain values as JSON, over any transport.

    worker                                server
    ClaimRequest (steps, offers) ───────▶ takes a job       ─▶ Assignment (claim, step, input), or Idle
    Heartbeat (progress) ───────────────▶ extends the lease ─▶ Orders (continue, or why to stop)
    Part (a checkpoint, a value to save) ▶ commits it       ─▶ Orders
    Result ─────────────────────────────▶ saves it, done    ─▶ Orders
    Failure (the step's error) ─────────▶ sets the job aside ─▶ Orders
    any of these, if the worker has lost its claim, or the message is invalid         ─▶ Refused

A worker sends a heartbeat at least every `lease_seconds` of its assignment while the step runs, and stops it on request.
After Refused its run has ended, unless the code is `bad_message`. Media go by reference: a path under the shared data folder.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from core import errors
from core.pipeline.step import Checkpoint, Need, Step
from core.pipeline.values import from_json, to_json

VERSION = 1
# Eleven times the transcript of 6,000 segments of ten timed words (6 MB), the largest value that a step returns.
MOST_BYTES = 64 * 1024 * 1024


class BadMessage(ValueError):
    """The bytes are not a message of this protocol. The text gives the reason without quoting them."""


@dataclass(frozen=True, slots=True)
class ClaimRequest:
    """`steps` are the names of the steps that the worker can run, in order of preference.

    `offers` are its resources: it is given only steps that need no others. Left out, it is given any of `steps`.
    """

    worker: str
    steps: tuple[str, ...]
    offers: tuple[Need, ...] | None = None


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """`progress` is 0 to 1."""

    claim: str
    progress: float = 0.0
    detail: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0.0 <= self.progress <= 1.0:
            raise ValueError("progress is not between 0 and 1")


@dataclass(frozen=True, slots=True)
class Part:
    """A value that a step emits while it runs: `kind` is the name of its class, Checkpoint or one that the step declares."""

    claim: str
    kind: str
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """The step's return value; `detail` is its last report."""

    claim: str
    kind: str
    value: Mapping[str, Any]
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """The step's exception, as in `CastMindError.to_dict`. `retry_after` (seconds) is that of an OutsideCondition; `progressed`
    tells that the run left partial work from which the next one continues.
    """

    claim: str
    code: str
    detail: str
    params: Mapping[str, str | int | float] = field(default_factory=dict)
    retry_after: float | None = None
    progressed: bool = False


@dataclass(frozen=True, slots=True)
class Assignment:
    """`claim` is the secret name of this run. `given` is the step's input, with credentials only if the step declares them."""

    claim: str
    step: str
    given: Mapping[str, Any]
    lease_seconds: float


@dataclass(frozen=True, slots=True)
class Idle:
    """There is no job to claim now."""


@dataclass(frozen=True, slots=True)
class Orders:
    """`stop` is None, or the code of the errors.Stopped that is to end the run soon."""

    stop: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was written. `code` is `bad_message`, or the code of an error of core.errors."""

    code: str
    detail: str


Request = ClaimRequest | Heartbeat | Part | Result | Failure
Reply = Assignment | Idle | Orders | Refused
KINDS: dict[str, type[Any]] = {
    "claim": ClaimRequest,
    "heartbeat": Heartbeat,
    "part": Part,
    "result": Result,
    "failure": Failure,
    "assignment": Assignment,
    "idle": Idle,
    "orders": Orders,
    "refused": Refused,
}
_NAMES = {cls: name for name, cls in KINDS.items()}


def encode(message: Request | Reply) -> bytes:
    """Return UTF-8 JSON: `{"version", "kind", "body"}`."""
    envelope = {"version": VERSION, "kind": _NAMES[type(message)], "body": to_json(message)}
    return json.dumps(envelope, ensure_ascii=False, allow_nan=False).encode()


def decode(data: bytes) -> Request | Reply:
    """Parse a message. Raises BadMessage for anything that `encode` of this version does not produce."""
    if len(data) > MOST_BYTES:
        raise BadMessage(f"a message has at most {MOST_BYTES} bytes")
    envelope = _parsed(data)
    if not isinstance(envelope, dict) or envelope.get("version") != VERSION:
        raise BadMessage(f"not a message of version {VERSION}")
    kind = envelope.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise BadMessage("unknown kind of message")
    made: Request | Reply = _valued(KINDS[kind], envelope.get("body"))
    return made


def value_of(step: Step, kind: str, data: Mapping[str, Any]) -> Any:
    """Return the value that a step emitted or returned. Raises BadMessage if the step does not declare its class."""
    cls = {each.__name__: each for each in (Checkpoint, *step.values)}.get(kind)
    if cls is None:
        raise BadMessage(f"{step.name} gives no such value")
    return _valued(cls, data)


def failure_of(claim: str, error: BaseException, *, progressed: bool) -> Failure:
    """Return a step's error as a message; an exception that no step should raise becomes `internal`, as in the server."""
    known = error if isinstance(error, errors.CastMindError) else errors.CastMindError(f"{type(error).__name__}: {error}")
    retry_after = known.retry_after if isinstance(known, errors.OutsideCondition) else None
    return Failure(claim, **known.to_dict(), retry_after=retry_after, progressed=progressed)


def error_of(failure: Failure) -> errors.CastMindError:
    """Return the error that `failure_of` was given, in its own class."""
    error = errors.from_dict({"code": failure.code, "detail": failure.detail, "params": failure.params})
    if isinstance(error, errors.OutsideCondition) and failure.retry_after is not None:
        error.retry_after = failure.retry_after
    return error


def _parsed(data: bytes) -> Any:
    try:
        parsed = json.loads(data.decode(), parse_constant=_no_constant)
        if b"\\ud" in data.lower():
            # A lone surrogate is valid in JSON, but neither in UTF-8 nor in the database.
            json.dumps(parsed, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise BadMessage("not JSON") from error
    return parsed


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _valued(cls: type[Any], data: Any) -> Any:
    try:
        return from_json(cls, data)
    except ValidationError as error:
        places = sorted({".".join(map(str, each["loc"])) for each in error.errors(include_url=False, include_input=False)})
        raise BadMessage(f"{cls.__name__}: {', '.join(places[:5])} do not fit") from error
