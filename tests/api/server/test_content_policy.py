from __future__ import annotations

import base64
import hashlib

from core.api.server.content_policy import policy


def rules(page: str) -> dict[str, str]:
    return dict(rule.split(" ", 1) for rule in policy(page).split("; "))


def test_only_the_page_s_own_inline_scripts_may_run() -> None:
    page = "<script>\n  start()\n</script><script type='module' src='./a.js'></script><SCRIPT async>b()</SCRIPT>"
    hashes = [base64.b64encode(hashlib.sha256(text).digest()).decode() for text in (b"\n  start()\n", b"b()")]
    assert rules(page)["script-src"] == f"'self' blob: 'sha256-{hashes[0]}' 'sha256-{hashes[1]}'"
    assert "unsafe" not in rules(page)["script-src"]


def test_nothing_is_loaded_from_elsewhere() -> None:
    found = rules("")
    assert (found["default-src"], found["object-src"], found["frame-ancestors"]) == ("'self'", "'none'", "'self'")
    assert not any("http" in sources or "*" in sources for sources in found.values())
