from __future__ import annotations

import logging
from pathlib import Path

import pytest

from core.domain.log_kinds import ACCESS_LOG, AUDIT_LOG, PERFORMANCE_LOG
from core.ops.logs import output
from tests.ops.logs.conftest import Rows


def test_each_kind_has_a_file_and_requests_stay_off_the_terminal(
    tmp_path: Path, rows: Rows, capsys: pytest.CaptureFixture[str]
) -> None:
    output.send_to(tmp_path / "logs")
    for name in ("core.pipeline.claims", "core.app", ACCESS_LOG, AUDIT_LOG, PERFORMANCE_LOG):
        logging.getLogger(name).warning("from %s", name)
    for kind, name in (
        ("application", "core.pipeline.claims"),
        ("system", "core.app"),
        ("access", ACCESS_LOG),
        ("audit", AUDIT_LOG),
        ("performance", PERFORMANCE_LOG),
    ):
        assert [(row["kind"], row["logger"]) for row in rows(kind)] == [(kind, name)]
    err = capsys.readouterr().err
    assert AUDIT_LOG in err and "core.app" in err and ACCESS_LOG not in err and PERFORMANCE_LOG not in err


def test_configuring_again_replaces_the_handlers(tmp_path: Path, rows: Rows) -> None:
    output.send_to(tmp_path / "other")
    output.send_to(tmp_path / "logs")
    logging.getLogger("test.logs").info("once")
    assert len(rows()) == 1
    assert not (tmp_path / "other" / "application.log").exists()
