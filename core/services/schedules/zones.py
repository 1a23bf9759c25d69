"""Time zones by name; "" is the zone of this computer."""

from __future__ import annotations

import os
from datetime import UTC, tzinfo
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from core.errors import UserError

LOCALTIME = Path("/etc/localtime")
REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


def zone_of(name: str) -> tzinfo:
    """Return the zone. Raises UserError for a name that is not known."""
    if not name:
        return local_zone()
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UserError(
            f"There is no time zone {name[:80]!r}. Name one as Europe/Berlin. Nothing was changed.", case="zone", zone=name[:80]
        ) from error


def local_zone(variable: str | None = None, file: Path = LOCALTIME) -> tzinfo:
    """Return the zone of this computer, with its changes of clocks: by TZ, else /etc/localtime; UTC without either."""
    named = os.environ.get("TZ", "") if variable is None else variable
    try:
        if named:
            return ZoneInfo(named.removeprefix(":"))
        with file.open("rb") as opened:
            return ZoneInfo.from_file(opened, key=local_name(file))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def local_name(file: Path = LOCALTIME) -> str:
    """Return the name of the zone that the file is, "" if it is a copy."""
    return file.resolve().as_posix().rpartition("/zoneinfo/")[2] if "/zoneinfo/" in file.resolve().as_posix() else ""


@cache
def known_zones() -> tuple[str, ...]:
    """Return the names of the IANA database that people use; "" is the zone of this computer."""
    return ("", "UTC", *sorted(name for name in available_timezones() if name.partition("/")[0] in REGIONS))
