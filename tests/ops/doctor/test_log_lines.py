"""The last lines of the log, as sentences of the program without what was put into them."""

from __future__ import annotations

import json
from pathlib import Path

from core.ops.doctor import log_lines


def write(folder: Path, *rows: dict[str, object], name: str = "castmind.log") -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_a_sentence_keeps_its_words_and_loses_its_texts() -> None:
    assert log_lines.without_texts("3 jobs of the last run go on") == "%d jobs of the last run go on"
    assert log_lines.without_texts("took Private Talk.mp3 from the inbox") == "took %s from the inbox"
    assert log_lines.without_texts("something that nobody logs") == "…"


def test_a_line_keeps_what_is_harmless(tmp_path: Path) -> None:
    frame = f'  File "{log_lines.CORE}/ops/health.py", line 12, in disk\n    secret = "hunter2"\n'
    write(
        tmp_path,
        {
            "time": "2026-12-01T05:00:00.000+00:00",
            "level": "ERROR",
            "logger": "core.app",
            "message": "took Private.mp3 from the inbox",
            "episode_id": 3,
            "job_id": "private",
            "error": f"Traceback\n{frame}PrivateError: hunter2",
            "title": "Private",
        },
    )
    (row,) = log_lines.last(tmp_path)
    assert row == {
        "time": "2026-12-01T05:00:00.000+00:00",
        "level": "ERROR",
        "logger": "core.app",
        "message": "took %s from the inbox",
        "episode_id": 3,
        "error": ["core/ops/health.py:12 disk"],
    }


def test_lines_of_others_and_broken_lines_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, {"time": "Private", "level": "Private", "logger": "private.module", "message": "Private"})
    with (tmp_path / "castmind.log").open("a") as file:
        file.write("no json\n[1]\n")
    assert log_lines.last(tmp_path) == [{"time": "", "level": "…", "logger": "…", "message": "…"}]
    assert log_lines.last(tmp_path / "none") == []


def test_only_the_last_lines_of_all_files_are_kept_in_order(tmp_path: Path, monkeypatch: object) -> None:
    def row(second: int) -> dict[str, object]:
        return {"time": f"2026-12-01T05:00:{second:02}Z", "level": "INFO", "logger": "core.app", "message": "x"}

    write(tmp_path, row(3), row(5))
    write(tmp_path, row(4), name="access.log")
    assert [each["time"][-3:-1] for each in log_lines.last(tmp_path)] == ["03", "04", "05"]
