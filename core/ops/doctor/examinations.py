"""The table of examinations, and how they are run.

each in a thread of its own, for so many seconds at most ─▶ findings; one that raises or takes too long is itself a finding
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.ops.doctor import computer, conflicts, folders, library, network, replication, speech_parts
from core.ops.doctor.finding import Finding, Look, Patient

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Examination:
    """`group` is the heading under which its findings are shown; `seconds` is how long it may take."""

    name: str
    group: str
    look: Look
    seconds: float = 10.0


EXAMINATIONS: tuple[Examination, ...] = (
    Examination("environment", "computer", computer.environment),
    Examination("versions", "computer", computer.versions),
    Examination("memory", "computer", computer.memory, 90.0),
    Examination("limits", "computer", computer.limits),
    Examination("clock", "computer", computer.clock),
    Examination("port", "computer", computer.port),
    Examination("speech", "models", speech_parts.speech, 90.0),
    Examination("model", "models", speech_parts.model, 90.0),
    Examination("ollama", "models", network.ollama, 20.0),
    Examination("mounts", "files", folders.mounts),
    Examination("permissions", "files", folders.permissions),
    Examination("secrets", "files", folders.secrets),
    Examination("disk", "files", computer.disk),
    Examination("leftovers", "files", folders.leftovers),
    Examination("logs", "files", folders.logs),
    Examination("database", "library", library.database, 60.0),
    Examination("files", "library", library.files, 60.0),
    Examination("backups", "library", library.backups, 60.0),
    Examination("replica", "library", replication.replica),
    Examination("feeds", "library", network.feeds),
    Examination("settings", "settings", conflicts.settings),
    Examination("certificates", "settings", network.certificates, 30.0),
)
"""All examinations, in the order in which they are shown."""

GROUPS = tuple(dict.fromkeys(each.group for each in EXAMINATIONS))
GROUP_OF = {each.name: each.group for each in EXAMINATIONS}


def examine(
    patient: Patient,
    *,
    examinations: Sequence[Examination] = EXAMINATIONS,
    on_progress: Callable[[int, int, str], None] = lambda *_: None,
    check: Callable[[], None] = lambda: None,
) -> list[Finding]:
    """Run all examinations, one after the other. `check` raises when they are to end; nothing else does."""
    found: list[Finding] = []
    for done, each in enumerate(examinations):
        check()
        on_progress(done, len(examinations), each.name)
        found += [finding.found_by(each.name) for finding in run(each, patient)]
    on_progress(len(examinations), len(examinations), "")
    return found


def run(examination: Examination, patient: Patient) -> list[Finding]:
    """Run one examination; one that raises, or takes too long, is a finding."""
    found: list[Finding] = []

    def work() -> None:
        try:
            found.extend(examination.look(patient))
        except Exception as error:
            log.warning("the examination of %s broke: %s", examination.name, error, exc_info=True)
            said = f"{type(error).__name__}: {error}"
            found.append(Finding("warn", "examination.broke", {"name": examination.name, "error": said}))

    thread = threading.Thread(target=work, name=f"doctor-{examination.name}", daemon=True)
    thread.start()
    thread.join(examination.seconds)
    if thread.is_alive():
        seconds = round(examination.seconds)
        return [*found, Finding("warn", "examination.slow", {"name": examination.name, "seconds": seconds})]
    return found
