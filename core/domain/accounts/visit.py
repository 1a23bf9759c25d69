"""Where a request comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Visit:
    """`address`: of the client, behind trusted proxies too; `agent`: its User-Agent."""

    address: str = ""
    agent: str = ""
