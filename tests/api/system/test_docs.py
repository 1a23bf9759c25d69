"""The contract as a page."""

from __future__ import annotations

import re

import httpx


def test_the_page_of_the_contract_loads_nothing_from_elsewhere(client: httpx.Client) -> None:
    page = client.get("/api/docs")
    script = client.get("/api/docs.js")
    assert (page.status_code, script.status_code) == (200, 200)
    assert page.headers["content-type"].startswith("text/html")
    assert re.findall(r"(?:src|href)=\"([^\"]+)\"", page.text) == ["v1/openapi.json", "v1/openapi.json", "docs.js"]
    assert "//" not in re.sub(r"^//.*$", "", script.text, flags=re.MULTILINE).replace("https://", "//")
    assert "innerHTML" not in script.text
