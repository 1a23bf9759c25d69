"""Assign steps to workers in other processes, and handle their messages: the server side of protocol.py, without a transport.

bytes ─▶ answer ─▶ a job is claimed, its lease extended, its result saved, or the job set aside (claims.py) ─▶ bytes

Every claim has a secret name of its own. Messages under a name that is no longer held (the lease ran out, the job was requeued,
the server restarted) are refused, and the transaction that saves checks the job's token once more. The transport decides who
may send messages.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Collection
from typing import Any

from core import errors
from core.domain.jobs.job import LEASE_SECONDS
from core.pipeline.claims import ClaimedRun, Claims
from core.pipeline.protocol import (
    Assignment,
    BadMessage,
    ClaimRequest,
    Failure,
    Heartbeat,
    Idle,
    Orders,
    Part,
    Refused,
    Reply,
    Request,
    Result,
    decode,
    encode,
    error_of,
    value_of,
)
from core.pipeline.values import to_json

log = logging.getLogger(__name__)

# How long a claim waits for an earlier run of its job to end, in seconds; after that the job is requeued.
PATIENCE = 5.0


class RemoteRuns:
    """`steps` are the names of the steps that workers may claim. Thread-safe."""

    def __init__(self, claims: Claims, steps: Collection[str]) -> None:
        self._claims = claims
        self._steps = frozenset(steps)

    def answer(self, data: bytes) -> bytes:
        """Return the reply to one message, both encoded; bytes that are not a message are refused."""
        try:
            message = decode(data)
            if not isinstance(message, Request):
                raise BadMessage("this is for workers to read")
            reply = self.handle(message)
        except BadMessage as error:
            reply = Refused("bad_message", str(error))
        return encode(reply)

    def handle(self, message: Request) -> Reply:
        """Return the reply to a message. Raises BadMessage for a value that the step does not declare; the run continues then."""
        if isinstance(message, ClaimRequest):
            return self._claim(message)
        try:
            run = self._claims.held(message.claim)
            return self._of_run(run, message)
        except errors.LeaseLost as lost:
            return Refused(lost.code, lost.detail)

    def _of_run(self, run: ClaimedRun, message: Heartbeat | Part | Result | Failure) -> Reply:
        match message:
            case Heartbeat():
                run.ctx.report(message.progress, message.detail)
                self._claims.beat(run)
            case Part():
                value = value_of(run.step, message.kind, message.value)
                return self._saved(run, lambda: run.ctx.emit(value))
            case Result():
                value = value_of(run.step, message.kind, message.value)
                run.ctx.report(1.0, message.detail)
                return self._saved(run, lambda: self._finish(run, value))
            case Failure():
                self._failure(run, message)
                return Orders()
        return _orders(run)

    # --- claiming -----------------------------------------------------------------------------

    def _claim(self, message: ClaimRequest) -> Reply:
        for name in message.steps:
            if self._may_run(message, name) and (run := self._claims.take(name, secrets.token_urlsafe())) is not None:
                log.info("%s goes to the worker %s", name, message.worker, extra=run.names)
                return self._assignment(run)
        return Idle()

    def _may_run(self, message: ClaimRequest, name: str) -> bool:
        """Return whether workers may claim the step, and this one offers its needs."""
        return name in self._steps and (message.offers is None or self._claims.needs(name).issubset(message.offers))

    def _assignment(self, run: ClaimedRun) -> Reply:
        try:
            if not self._claims.after_earlier(run, PATIENCE):
                raise errors.ShuttingDown()
            run.ctx.check()
            given = to_json(self._claims.given(run))
        except Exception as error:
            self._end(run, error)
            return Idle()
        return Assignment(run.claim, run.step.name, given, LEASE_SECONDS)

    # --- ending -------------------------------------------------------------------------------

    def _finish(self, run: ClaimedRun, value: Any) -> None:
        run.ctx.check()
        self._claims.finish(run, value)
        self._claims.leave(run)

    def _saved(self, run: ClaimedRun, save: Callable[[], None]) -> Reply:
        """Save a value; a value that cannot be saved ends its run, as it would in this process."""
        try:
            save()
        except Exception as error:
            self._end(run, error)
            known = error if isinstance(error, errors.CastMindError) else errors.CastMindError(type(error).__name__)
            return Refused(known.code, known.detail)
        return _orders(run)

    def _failure(self, run: ClaimedRun, message: Failure) -> None:
        if message.progressed:
            run.ctx.got_further()
        error = error_of(message)
        # Only the server decides on stops other than errors; a worker that ends by itself returns its job to the queue.
        if isinstance(error, errors.Stopped):
            error = run.ctx.reason or errors.ShuttingDown()
        self._end(run, error)

    def _end(self, run: ClaimedRun, error: BaseException) -> None:
        self._claims.set_aside(run, error)
        self._claims.leave(run)


def _orders(run: ClaimedRun) -> Orders:
    return Orders(run.ctx.reason.code if run.ctx.reason else None)
