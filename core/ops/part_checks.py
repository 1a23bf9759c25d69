"""Checks of single parts: Ollama, speech, backups, reachability. Plain inputs, a verdict as output."""

from __future__ import annotations

import time
from dataclasses import asdict

from core.domain.notes.ollama_state import OllamaState
from core.llm import locate
from core.message import Message
from core.ops.backup.backups import Backups
from core.ops.health import Check, Status
from core.services.accounts.front_door import FrontDoor
from core.speech.request import Probe

DAY = 86_400.0

BACKUP_DAYS = 3.0

RESTS = "Nothing is deleted automatically until somebody confirms that this is right."


def ollama(state: OllamaState, *, wanted: bool = True) -> Check:
    """Check Ollama. Without it the notes are extractive: a warning. `wanted` is False if the settings never use it."""
    if not wanted:
        return Check("pass", "not asked: notes are extractive by choice", "off")
    if state.host is None:
        tried = locate.listed(state.tried)
        return Check(
            "warn", f"Ollama does not answer ({tried}). Start it; until then notes are extractive.", "absent", {"tried": tried}
        )
    params = {"version": state.version, "host": state.host, "model": state.chosen or state.wanted, "why": state.why}
    if state.chosen is not None:
        why = f" ({state.why})" if state.why else ""
        said = f"Ollama {state.version} at {state.host}, {state.chosen}{why}"
        if state.fit and state.fit.why:
            # A shorter context than wanted is not a failure.
            status: Status = "pass" if state.fit.reads_less else "warn"
            return Check(status, f"{said}. {state.fit.why}.", "context", params | {"fit": state.fit.why})
        return Check("pass", said, "present", params)
    if state.why:
        return Check("warn", f"Ollama {state.version} at {state.host}: {state.why}", "refused", params)
    missing = state.wanted or "a language model"
    return Check(
        "warn",
        f"Ollama {state.version} at {state.host} does not have {missing}. Pull it with `ollama pull`.",
        "model_missing" if state.wanted else "no_model",
        params,
    )


def speech(probe: Probe | None) -> Check:
    """Report the device of speech recognition; a card that exists but cannot be used is a warning."""
    if probe is None:
        return Check("pass", "being looked at", "probing")
    if not probe.tried:
        return Check("warn", f"It could not be tried out: {probe.reason}", "untried", {"error": probe.reason})
    output = f"{probe.model} on {probe.device} ({probe.device_name}), {probe.compute_type}"
    params = {
        "model": probe.model,
        "device": probe.device_name or probe.device,
        "compute_type": probe.compute_type,
        "error": probe.cuda_error or "",
    }
    if probe.cuda_error and probe.device != "cuda":
        return Check("warn", f"{output}. The card is not used: {probe.cuda_error}", "fallback", params)
    if not probe.model_present:
        said = f"{output}. The model is not on this computer yet; it is downloaded with the first episode."
        return Check("warn", said, "model_absent", params)
    return Check("pass", output, "ready", params)


def access(door: FrontDoor) -> Check:
    """Check who can open CastMind: a warning only where everybody who reaches its port can, without a login."""
    if door.needs_password:
        return Check("pass", "a login is required", "login")
    if door.rule == "anyone" and door.exposure != "local":
        said = "whoever reaches the port can read and delete everything, as open_without_login says that it is meant"
        return Check("pass", said, "anyone")
    if door.exposure == "local" and door.rule != "nobody":
        return Check("pass", "only this computer opens CastMind, without a login", "local")
    said = "CastMind waits for its first password: open it in a browser, and take the one-time code from its log."
    return Check("warn", said, "set_up")


def confinement(*, files: bool, calls: bool) -> Check:
    """Check the kernel's confinement of the processes that decode and parse foreign bytes: Landlock for files, seccomp for calls.

    Never a warning: limits and timeouts apply everywhere, and most users cannot change their kernel.
    """
    if files and calls:
        return Check("pass", "held to the files and the system calls that they need", "held")
    if calls:
        said = "held to the system calls that they need; this kernel has no Landlock (5.13), so they could read other files"
        return Check("pass", said, "calls")
    if files:
        said = "held to the files that they need; there is no filter of system calls here, so they could reach a network"
        return Check("pass", said, "files")
    return Check(
        "pass", "limited in memory and time alone: this kernel has neither Landlock nor a filter of system calls", "limits"
    )


def pipeline(alive: bool) -> Check:
    """Check whether the threads that run the jobs are alive."""
    if alive:
        return Check("pass", "running", "running")
    return Check("fail", "A pipeline thread has ended. Restart CastMind; no work is lost.", "ended")


def backup(backups: Backups, nightly: bool, now: float | None = None) -> Check:
    """Check whether the nightly backup is made. A warning, because everything else works without."""
    if not nightly:
        return Check("pass", "nightly backups are off by choice", "off")
    moment = time.time() if now is None else now
    newest, error = backups.newest_nightly(moment), backups.nightly_error
    if error:
        said = f"The nightly backup was not made: {error.detail} It is tried again every hour."
        return Check("warn", said, "failed", {"error": Message.of(error)})
    since = newest if newest is not None else backups.library_began()
    if since is None:
        return Check("pass", "there is nothing to back up yet", "empty")
    days = max(moment - since, 0.0) / DAY
    if days > BACKUP_DAYS:
        said = f"No nightly backup was made for {days:.0f} days. Look into the log, and make one on the settings page."
        return Check("warn", said, "old", {"days": round(days)})
    if newest is None:
        return Check("pass", "the first one is made tonight", "first")
    return Check("pass", f"the newest is {days * 24:.0f} hours old", "fresh", {"hours": round(days * 24)})


def library(backups: Backups) -> Check:
    """Check whether the library holds as much as its backups. If not, all automatic deletion pauses."""
    shrunk = backups.shrinking.state()
    if shrunk is None:
        return Check("pass", "it holds what its backups hold", "whole")
    params = asdict(shrunk)
    if shrunk.what == "bytes":
        return Check(
            "warn",
            f"The last nightly backup has {shrunk.now} bytes, {shrunk.backup} had {shrunk.before}. {RESTS}",
            "smaller_backup",
            {"now": f"{shrunk.now / 1e6:.1f}", "before": f"{shrunk.before / 1e6:.1f}", "backup": shrunk.backup},
        )
    return Check(
        "warn",
        f"The library holds {shrunk.now} {shrunk.what}, the backup {shrunk.backup} {shrunk.before}. "
        f"If they are missing, restore it. {RESTS}",
        f"fewer_{shrunk.what}",
        params,
    )
