"""Content-Disposition: whether the browser shows or saves a response, and under which name."""

from __future__ import annotations

import re
from urllib.parse import quote


def disposition(title: str, suffix: str, *, download: bool) -> dict[str, str]:
    """Return a Content-Disposition header for a file named after an episode. `suffix` includes its dot."""
    stem = re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|]+', " ", title).strip(" .")[:120] or "episode"
    kind = "attachment" if download else "inline"
    return {"Content-Disposition": f"{kind}; filename*=UTF-8''{quote(stem + suffix)}"}
