from __future__ import annotations

from pages.logs import log_lines


def test_all_of_a_line_is_escaped() -> None:
    evil = "<img src=x onerror=alert(1)>\"'"
    shown = log_lines.row({"timestamp": evil, "level": evil, "logger": evil, "event": evil, "stage": evil, "exception": evil})
    assert "<img" not in shown and shown.count("&lt;img") >= 6
    assert 'class="castmind-log info"' in shown


def test_a_row_says_what_it_is_about_and_holds_the_traceback_as_it_is() -> None:
    shown = log_lines.row({"level": "error", "logger": "core.x", "event": "broke", "job_id": 5, "exception": "Traceback\n  File"})
    assert "core.x · job 5" in shown and "Traceback\n  File" in shown and "castmind-log error" in shown
