"""The root of all errors, and their effect on a job.

    CastMindError
    ├─ UserError          the request cannot be met; HTTP 4xx; nothing changed
    ├─ OutsideCondition   something outside is missing: the job is `waiting`, no try is used up
    ├─ Transient          may work next time: the job is retried with backoff
    ├─ Permanent          will not work again: the job fails at once, its error is kept
    └─ Stopped            the job was cancelled, requeued or lost its lease: not an error to show

`code` is stable: pages translate it under the text key `error.<code>`, with `params` for the placeholders; the HTTP API
returns it in its problem details. A param `case` names a case of a code with a sentence of its own, `error.<code>.<case>`:
"conflict" says little, "conflict.tag_taken" says what to change. `detail` is English for logs, the command line and the HTTP
API: event, data kept, next step; it may quote other programs, so pages show it on Status alone. The first line of a class's
docstring is its default `detail`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

# Bytes of a file name that are not UTF-8, as Python represents them: no file, database or response accepts them.
_NO_TEXT = re.compile("[\ud800-\udfff]")


class CastMindError(Exception):
    """The root. `detail` is a full English sentence for people; `params` fill the placeholders of translations."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500

    def __init__(self, detail: str = "", **params: str | int | float) -> None:
        detail = writable(detail)
        super().__init__(detail or self.code)
        self.detail = detail or (self.__doc__ or self.code).strip().splitlines()[0]
        self.params = {name: writable(value) if isinstance(value, str) else value for name, value in params.items()}

    def to_dict(self) -> dict[str, Any]:
        """Return `{code, detail, params}`, as stored on a job row and sent by the API."""
        return {"code": self.code, "detail": self.detail, "params": dict(self.params)}


def from_dict(record: Mapping[str, Any]) -> CastMindError:
    """Return the error of a `to_dict`, in its own class; a CastMindError if no class has that code."""
    cls = next((each for each in _tree(CastMindError) if each.code == record["code"]), CastMindError)
    # Some constructors compose the sentence; here it exists already.
    error = cls.__new__(cls)
    CastMindError.__init__(error, record["detail"], **record["params"])
    return error


def _tree(cls: type[CastMindError]) -> Iterator[type[CastMindError]]:
    yield cls
    for sub in cls.__subclasses__():
        yield from _tree(sub)


def lineage(code: str) -> tuple[str, ...]:
    """Return the codes from this error up to the root, each once; the root's alone for a code that no class has."""
    cls = next((each for each in _tree(CastMindError) if each.code == code), CastMindError)
    return tuple(dict.fromkeys(each.code for each in cls.__mro__ if issubclass(each, CastMindError)))


def writable(text: str) -> str:
    """Return the text with � in place of characters that cannot be encoded as UTF-8."""
    return _NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", text) if _NO_TEXT.search(text) else text


class UserError(CastMindError):
    code = "invalid"
    status = 422


class NotFound(UserError):
    code = "not_found"
    status = 404


class Conflict(UserError):
    """The thing is not in a state that allows this."""

    code = "conflict"
    status = 409


class OutsideCondition(CastMindError):
    """A condition outside CastMind; the job waits and goes on by itself. `retry_after` is seconds."""

    code = "outside"
    status = 503
    retry_after: float = 30.0


class Transient(CastMindError):
    code = "transient"
    status = 503


class Permanent(CastMindError):
    code = "permanent"
    status = 422


class StartError(CastMindError):
    """CastMind cannot start; the text says why and what to do."""

    code = "start"


class Stopped(CastMindError):
    code = "stopped"


class Cancelled(Stopped):
    """The user cancelled."""

    code = "cancelled"


class ShuttingDown(Stopped):
    """The server is stopping; the job goes back to the queue."""

    code = "shutting_down"


class LeaseLost(Stopped):
    """The job's lease is held by somebody else; the result was thrown away."""

    code = "lease_lost"


def codes(*kinds: type[CastMindError]) -> frozenset[str]:
    """Return the codes of these errors and of all their subclasses."""
    found = frozenset(kind.code for kind in kinds)
    return found.union(*(codes(*kind.__subclasses__()) for kind in kinds if kind.__subclasses__()))
