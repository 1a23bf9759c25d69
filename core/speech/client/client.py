"""Run speech recognition for the rest of the app: one worker process, started when needed, watched, ended when idle.

    transcribe() ─► start or reuse the child ─► {"do": "transcribe", …}
                    ◄─ beat · progress · window · done | stopped | error
       on_window()  ◄─┘   every window is handed over as soon as it is finished
       lease.wanted()   ─► {"do": "interrupt"} ─► interrupted, behind a window ─► lease.pause() ─► resume from there
       cancelled()      ─► {"do": "cancel"}, a second later a kill
       stop()           ─► {"do": "stop"}: the worker hands over its unfinished window, then a kill
       silence, EOF     ─► WorkerDied; the caller keeps the windows handed over so far

Importing this module is cheap: only `core.speech.worker` imports faster-whisper.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from core import errors
from core.domain.jobs.worker_status import WorkerStatus
from core.domain.transcripts.transcript import Transcript, Window, assemble
from core.message import from_record, record
from core.speech.client.gpu_health import TRYING_SECONDS, GpuHealth
from core.speech.client.worker_call import UNSHARED, Call, Lease, error_from
from core.speech.client.worker_process import Child, Ends
from core.speech.request import Probe, Progress, SpeechRequest

# The worker sends a beat every five seconds; native code may hold the interpreter for a while.
SILENCE_SECONDS = 30.0
# Importing faster-whisper and loading a large model from a slow disk happen before and between beats.
START_SILENCE_SECONDS = 120.0
CANCEL_PATIENCE = 1.0
POLL_SECONDS = 0.1


class SpeechClient:
    """Transcribes one file at a time; safe to call from several threads (the second waits its turn)."""

    def __init__(
        self,
        idle_seconds: Callable[[], float] | float = 120.0,
        *,
        silence_seconds: float = SILENCE_SECONDS,
        trying_seconds: float = TRYING_SECONDS,
        start_child: Callable[[], Child] = Child,
    ) -> None:
        self._idle_seconds = idle_seconds if callable(idle_seconds) else lambda: idle_seconds
        self._silence_seconds = silence_seconds
        self._start_child = start_child
        self._turn = threading.Lock()
        self._stopping = threading.Event()
        self._child: Child | None = None
        self._loaded: dict[str, Any] = {}
        self._idle_since = time.monotonic()
        self._probes: dict[tuple[Any, ...], Probe] = {}
        self.card = GpuHealth(trying_seconds)
        self.ends = Ends()

    def transcribe(
        self,
        request: SpeechRequest,
        done: Sequence[Window],
        *,
        on_window: Callable[[Window], None],
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
        lease: Lease = UNSHARED,
    ) -> Transcript:
        """Block until the whole file is transcribed; resume after the last of `done`.

        `on_window` gets each finished window in order, in this thread; an error that it raises ends the work and is raised here.
        Behind a window, `lease` is given back to waiting work of higher priority, and this call blocks no other one meanwhile.
        Raises WorkerDied, Cancelled, ShuttingDown, SpeechModelMissing, SpeechModelUnusable, MediaMissing, MediaUnreadable,
        DiskFull.
        """
        windows = sorted(done, key=lambda w: w.start)
        call = Call(request, windows, on_window, on_progress, cancelled, lease=lease)
        self._converse(call)
        return assemble(windows, call.duration)

    def listen(
        self,
        request: SpeechRequest,
        spans: Sequence[tuple[float, float]],
        *,
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
        lease: Lease = UNSHARED,
    ) -> list[Window]:
        """Block until these spans [start, end) of the file, in seconds, are transcribed: a window each, in their order.

        Raises the errors of `transcribe`.
        """
        windows: list[Window] = []
        self._converse(Call(request, windows, lambda _: None, on_progress, cancelled, lease=lease, spans=spans))
        return windows

    def _converse(self, call: Call) -> None:
        self._round(call)
        while call.interrupted:
            call.go_on()
            self._round(call)

    def _round(self, call: Call) -> None:
        with self._my_turn(call.cancelled):
            child = self._running_child()
            child.send(call.message() | {"cuda_error": record(self.card.trouble)})
            try:
                self._attend(child, call)
            except BaseException as error:
                if isinstance(error, errors.WorkerDied):
                    self.ends.note()
                # After any error here, the worker may still be busy with the call.
                if not call.answered:
                    self._drop_child(kill=True)
                raise

    def probe(
        self, request: SpeechRequest, *, fresh: bool = False, timeout: float = 120.0, check: Callable[[], None] = lambda: None
    ) -> Probe:
        """Return the choice of `auto` on this computer and its reasons, proven in a separate process that ends with the answer.

        The answer is cached by model, device and compute type; `fresh` probes again. Raises WorkerDied, and whatever `check`
        raises, which is called regularly.
        """
        key = (request.model, request.device, request.compute_type, request.models_dir, self.card.trouble)
        if not fresh and key in self._probes:
            return self._probes[key]
        child = self._start_child()
        try:
            child.send({"do": "probe", "request": request.to_dict(), "cuda_error": record(self.card.trouble)})
            message = self._await_probe(child, timeout, check)
        finally:
            child.end(0.2)
        if message["event"] == "gone":
            return self.probe(request, fresh=True, timeout=timeout, check=check)
        if message["event"] == "error":
            raise error_from(message)
        self._probes[key] = Probe.from_dict(message["probe"])
        return self._probes[key]

    def end(self) -> None:
        """End the worker process, so that all of its memory and the card's is free. Wait for work that is under way."""
        with self._turn:
            self._drop_child()

    def stop(self, grace_s: float = 2.0) -> None:
        """Shut down: give the worker `grace_s` seconds to return its window, then kill it."""
        self._stopping.set()
        if child := self._child:
            child.send({"do": "stop"})
        if self._turn.acquire(timeout=grace_s):
            try:
                self._drop_child()
            finally:
                self._turn.release()
        elif child := self._child:
            child.kill()

    def resume(self) -> None:
        """Take work again after a stop."""
        self._stopping.clear()

    def step(self, now: float | None = None) -> None:
        """End a worker that has been idle for long enough. `now` is `time.monotonic()`."""
        moment = time.monotonic() if now is None else now
        if not self._turn.acquire(blocking=False):
            return
        try:
            if self._child and moment - self._idle_since >= self._idle_seconds():
                self._drop_child()
        finally:
            self._turn.release()

    def status(self) -> WorkerStatus:
        """Return the worker's present state; never block."""
        child, loaded = self._child, self._loaded
        if child is None or not child.alive:
            return WorkerStatus(running=False)
        return WorkerStatus(
            running=True,
            busy=self._turn.locked(),
            pid=child.pid,
            since=child.since,
            rss=child.rss(),
            model=loaded.get("model"),
            device=loaded.get("device"),
            compute_type=loaded.get("compute_type"),
            reason=from_record(loaded.get("reason")),
        )

    @contextmanager
    def _my_turn(self, cancelled: Callable[[], bool]) -> Iterator[None]:
        while not self._turn.acquire(timeout=POLL_SECONDS):
            self._refuse(cancelled)
        try:
            self._refuse(cancelled)
            yield
        finally:
            self._idle_since = time.monotonic()
            self._turn.release()

    def _refuse(self, cancelled: Callable[[], bool]) -> None:
        if self._stopping.is_set():
            raise errors.ShuttingDown()
        if cancelled():
            raise errors.Cancelled()

    def _running_child(self) -> Child:
        if self._child and not self._child.alive:
            self._drop_child(kill=True)
        if self._child is None:
            self._child = self._start_child()
        return self._child

    def _drop_child(self, *, kill: bool = False) -> None:
        child, self._child, self._loaded = self._child, None, {}
        if child:
            child.kill() if kill else child.end()

    def _attend(self, child: Child, call: Call) -> None:
        """Take the worker's messages until one of them ends the call."""
        heard, given_up = time.monotonic(), float("inf")
        while not call.answered:
            message = _next(child)
            now = time.monotonic()
            if message:
                heard = now
                self._take(child, message, call)
            elif now - heard > (self._silence_seconds if call.under_way else START_SILENCE_SECONDS):
                raise errors.WorkerDied(
                    f"The speech worker said nothing for {now - heard:.0f} s and was ended. Finished windows are kept; "
                    "the work continues after them."
                )
            self.card.check(child, now)
            if call.to_interrupt():
                child.send({"do": "interrupt"})
            if call.cancelled() and not self._stopping.is_set() and given_up == float("inf"):
                child.send({"do": "cancel"})
                given_up = now + CANCEL_PATIENCE
            if now > given_up:
                raise errors.Cancelled()
        if call.outcome:
            raise call.outcome

    def _take(self, child: Child, message: dict[str, Any], call: Call) -> None:
        match message["event"]:
            case "gone":
                call.answered = True
                self.card.took_down(child)
                obituary = child.obituary()
                self._drop_child(kill=True)
                call.outcome = (
                    errors.ShuttingDown()
                    if self._stopping.is_set()
                    else errors.WorkerDied(f"The speech worker ended unexpectedly ({obituary}). Finished windows are kept.")
                )
            case "trying":
                child.try_device(message["device"])
            case "card_failed":
                raise self.card.broke_off(message["problem"])
            case "loaded":
                self._loaded = message
            case _:
                call.take(message)

    def _await_probe(self, child: Child, timeout: float, check: Callable[[], None]) -> dict[str, Any]:
        """Return the probe's answer, or `gone` if the card crashed or hung the process: a retry without the card is then
        worthwhile.
        """
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            check()
            message = _next(child) or {"event": "nothing"}
            match message["event"]:
                case "probe" | "error":
                    return message
                case "trying":
                    child.try_device(message["device"])
                case "gone" if self.card.took_down(child):
                    return message
                case "gone":
                    raise errors.WorkerDied(f"The speech probe ended without an answer ({child.obituary()}).")
        child.kill()
        if self.card.silent(child, timeout):
            return {"event": "gone"}
        raise errors.WorkerDied(f"The speech probe gave no answer within {timeout:.0f} s and was ended.")


def _next(child: Child) -> dict[str, Any] | None:
    """Return the next message, `{"event": "gone"}` at the end of the worker's output, None when nothing came for a moment."""
    try:
        return child.lines.get(timeout=POLL_SECONDS) or {"event": "gone"}
    except queue.Empty:
        return None
