"""Pictures that others made, as small squares that a page may show.

of_address(url)  guarded fetch, at most 8 MB ─┐
of_file(path)    the audio's own picture ─────┴─▶ python -m core.sources.picture_worker ─▶ WebP, or None
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

from core.sources.probe import PROJECT
from core.sources.web import Fetcher, Patience

log = logging.getLogger(__name__)

LARGEST = 8_000_000
PATIENCE = Patience(connect=5.0, read=10.0, whole=20.0)
TIMEOUT = 30.0
# The child meets hostile bytes: it gets what Python needs to start, and none of this process's secrets.
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")


def of_address(fetcher: Fetcher, url: str) -> bytes | None:
    """None when what is there is no picture. Raises what the fetcher raises."""
    with fetcher.open(url, patience=PATIENCE) as answer:
        if answer.status != 200:
            return None
        raw = answer.read(LARGEST)
    return _made([], raw)


def of_file(path: Path) -> bytes | None:
    """None when the file carries no picture."""
    return _made([os.fspath(path.absolute())], b"")


def _made(arguments: list[str], raw: bytes) -> bytes | None:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "core.sources.picture_worker", *arguments],
            cwd=PROJECT,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            input=raw,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        log.info("a picture took too long to be made small; there is none")
        return None
    if done.returncode:
        log.info("no picture (%d): %s", done.returncode, done.stderr[-300:].decode("utf-8", "replace"))
        return None
    return done.stdout or None
