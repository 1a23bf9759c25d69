"""Measure the loudness of a file in a confined process, for the waveform of a player.

measure(path) ─▶ waveform_worker ─▶ levels      unreadable, a crash, too slow ─▶ MediaUnreadable      else ─▶ Transient
"""

from __future__ import annotations

from pathlib import Path

from core.errors import MediaUnreadable, Transient
from core.sandbox import run

# Seconds; five hours of audio take half a minute on an idle computer.
TIMEOUT = 1200.0
# Exit status of the worker for a file without readable audio.
NONE = 3


def measure(path: Path) -> bytes:
    """Return the levels, 0 to 255, of parts of equal length. Raises MediaUnreadable, Transient."""
    ended = run("core.speech.audio.waveform_worker", str(path.absolute()), timeout=TIMEOUT)
    if ended.code == 0:
        return ended.output
    if ended.late or ended.crashed or ended.code == NONE:
        raise MediaUnreadable(f"{path.name} cannot be measured ({'too slow' if ended.late else ended.said.strip()[-200:]}).")
    raise Transient(f"The measurement of {path.name} was ended from outside ({ended.code}).")
