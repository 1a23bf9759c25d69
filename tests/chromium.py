"""The Chromium that tests drive: its headless shell where that is installed, else all of it.

Both are one engine. The shell has no window of its own to paint, which is two fifths of the processor time of opening a page.
"""

from __future__ import annotations

import shutil

CALM = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync")


def chromium() -> str:
    """Path of the program."""
    found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    assert found, "Chromium is missing: make test installs it"
    return found
