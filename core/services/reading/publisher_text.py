"""Publishers' texts and links, made safe for a page: they are untrusted input."""

from __future__ import annotations

from core.sources.sanitize import html_to_text, web_url


def plain_text(markup: str) -> str:
    """Return the text of a description, one line per paragraph; reads at most 100,000 characters of markup."""
    return html_to_text(markup)


def link(url: str | None) -> str | None:
    """Return the URL if it is http or https with a host, else None."""
    return web_url(url)
