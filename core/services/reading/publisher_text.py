"""What publishers wrote, as a page may show it. It came from outside, and nobody vouches for it."""

from __future__ import annotations

from core.sources.sanitize import html_to_text, web_url


def plain_text(markup: str) -> str:
    """The words of a description, its paragraphs as lines; 100,000 characters of markup are read at most."""
    return html_to_text(markup)


def link(url: str | None) -> str | None:
    """The address when it is http or https with a host, else None."""
    return web_url(url)
