"""Send all logging of this process to the files and to stderr."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from structlog.stdlib import ProcessorFormatter

from core.domain.log_kinds import LogKind, kind_of
from core.ops.logs import records
from core.ops.logs.log_files import FILE_BYTES, LogFiles

# People at a terminal want to know what happens, not each request.
_FOR_FILES_ALONE = (LogKind.ACCESS, LogKind.PERFORMANCE)


def send_to(folder: Path, *, most_bytes: int = FILE_BYTES) -> LogFiles:
    """Add the handlers to the root logger. Can be called again: it replaces its earlier handlers."""
    folder.mkdir(parents=True, exist_ok=True)
    files = LogFiles(folder, most_bytes=most_bytes)
    files.setFormatter(records.for_files())
    people = logging.StreamHandler(sys.stderr)
    people.setFormatter(records.for_people())
    people.addFilter(lambda record: kind_of(record.name) not in _FOR_FILES_ALONE)
    root = logging.getLogger()
    for handler in [h for h in root.handlers if isinstance(h.formatter, ProcessorFormatter)]:
        root.removeHandler(handler)
        handler.close()
    for handler in (files, people):
        root.addHandler(handler)
    return files
