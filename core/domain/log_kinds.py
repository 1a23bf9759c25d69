"""The five kinds of log lines, told apart by the name of the logger.

    application   what is done with feeds, episodes and jobs          any logger that is named nowhere below
    system        the program itself: start, stop, disk, threads      loggers of core.app, core.ops, libraries of the server …
    access        one line for each request                           ACCESS_LOG
    audit         who changed or read what                            AUDIT_LOG
    performance   how long a stage or a call took                     PERFORMANCE_LOG

A line of the last three carries its values in `extra`: `getLogger(AUDIT_LOG).info("signed in", extra={"details": {"user": 3}})`.
"""

from __future__ import annotations

from enum import StrEnum

ACCESS_LOG = "castmind.access"
AUDIT_LOG = "castmind.audit"
PERFORMANCE_LOG = "castmind.performance"


class LogKind(StrEnum):
    APPLICATION = "application"
    SYSTEM = "system"
    ACCESS = "access"
    AUDIT = "audit"
    PERFORMANCE = "performance"


_NAMED = {
    ACCESS_LOG: LogKind.ACCESS,
    "uvicorn.access": LogKind.ACCESS,
    AUDIT_LOG: LogKind.AUDIT,
    PERFORMANCE_LOG: LogKind.PERFORMANCE,
}
_SYSTEM = (
    "root",
    "core.app",
    "core.ops",
    "core.background",
    "core.events",
    "core.sandbox",
    "core.settings",
    "core.store.db",
    "core.api.server",
    "castmind_app",
    "uvicorn",
    "streamlit",
    "asyncio",
    "py.warnings",
)

FIELDS = (
    "request_id",
    "user_id",
    "job_id",
    "episode_id",
    "feed_id",
    "task_id",
    "stage",
    "method",
    "route",
    "path",
    "status",
    "seconds",
    "bytes",
    "client",
    "model",
    "device",
    "real_time_factor",
    "outcome",
    "code",
    "details",
)
"""What a line may carry besides its text, from `extra` and from the context of its thread or request, in this order."""


def kind_of(logger: str) -> LogKind:
    if logger in _NAMED:
        return _NAMED[logger]
    system = any(logger == name or logger.startswith(f"{name}.") for name in _SYSTEM)
    return LogKind.SYSTEM if system else LogKind.APPLICATION
