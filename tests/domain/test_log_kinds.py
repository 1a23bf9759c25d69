from __future__ import annotations

import pytest

from core.domain.log_kinds import ACCESS_LOG, AUDIT_LOG, PERFORMANCE_LOG, LogKind, kind_of


@pytest.mark.parametrize(
    ("logger", "kind"),
    [
        (ACCESS_LOG, LogKind.ACCESS),
        ("uvicorn.access", LogKind.ACCESS),
        (AUDIT_LOG, LogKind.AUDIT),
        (PERFORMANCE_LOG, LogKind.PERFORMANCE),
        ("root", LogKind.SYSTEM),
        ("core.app", LogKind.SYSTEM),
        ("core.ops.backup.restore", LogKind.SYSTEM),
        ("uvicorn.error", LogKind.SYSTEM),
        ("core.application", LogKind.APPLICATION),
        ("core.pipeline.claims", LogKind.APPLICATION),
        ("rooted", LogKind.APPLICATION),
        ("somebody.elses", LogKind.APPLICATION),
    ],
)
def test_a_logger_has_one_kind(logger: str, kind: LogKind) -> None:
    assert kind_of(logger) is kind
