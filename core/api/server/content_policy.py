"""The Content-Security-Policy under which pages run: code comes from this server alone, whatever a feed or a model wrote.

Streamlit's own page holds inline scripts, which are named by their hashes; its components bring their code as blobs.
"""

from __future__ import annotations

import base64
import hashlib
import re

_INLINE = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)


def policy(page: str) -> str:
    """The header's value for the HTML text of the page that every address of the app answers with."""
    hashes = [f"'sha256-{_digest(script)}'" for script in _INLINE.findall(page)]
    rules = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", "blob:", *hashes]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        # A recording is a blob until it is sent.
        "connect-src": "'self' blob:",
        "media-src": "'self' blob:",
        "font-src": "'self' data:",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'self'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
