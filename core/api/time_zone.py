"""The time zone that a request names: days of a query or a chart are days there."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.errors import UserError


def named(name: str) -> ZoneInfo:
    """Return the zone, as Europe/Berlin. Raises UserError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UserError(f"There is no time zone {name[:80]!r}. Name one as Europe/Berlin, or none.") from error
