"""Zones by name, and the zone of this computer."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest

from core.errors import UserError
from core.services.schedules.zones import local_name, local_zone, zone_of


@pytest.mark.parametrize("name", ["Mars/Olympus", "America", "../../etc/passwd", "/etc/localtime", "x\0y", "é"])
def test_a_name_that_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(UserError):
        zone_of(name)


def test_the_zone_of_this_computer_is_that_of_tz_or_of_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summer = datetime(2027, 7, 1)
    assert str(local_zone("Europe/Berlin")) == str(local_zone(":Europe/Berlin")) == "Europe/Berlin"
    assert local_zone("Mars/Olympus") == local_zone("", tmp_path / "missing") == UTC
    folder = tmp_path / "zoneinfo" / "America"
    folder.mkdir(parents=True)
    source = files("tzdata") / "zoneinfo" / "America" / "New_York"
    (folder / "New_York").write_bytes(source.read_bytes())
    link, copy = tmp_path / "localtime", tmp_path / "copied"
    link.symlink_to(folder / "New_York")
    copy.write_bytes(source.read_bytes())
    assert (local_name(link), local_name(copy)) == ("America/New_York", "")
    assert local_zone("", copy).utcoffset(summer) == local_zone("", link).utcoffset(summer)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert str(zone_of("")) == "Asia/Tokyo"
