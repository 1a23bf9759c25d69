"""The built-in schedules, and what the settings say of the nightly backup."""

from __future__ import annotations

from functools import partial

import pytest

from core.domain.schedules.cron import Cron
from core.errors import UserError
from core.services.schedules.builtin import BUILTIN, ensure
from core.store.schedules import schedules
from tests.services.schedules.conftest import Desk


def test_each_is_added_once_and_its_expression_can_be_read(desk: Desk) -> None:
    desk.store.write(partial(ensure, now=5.0))
    assert sorted(row.builtin for row in schedules.listing(desk.store.read())) == sorted(BUILTIN)
    assert all(Cron.of(spec.cron) for spec in BUILTIN.values() if spec.cron)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"paused": True}, {"backup_nightly": False}),
        ({"cron": "0 23 * * *", "paused": False}, {"backup_hour": 23, "backup_nightly": True}),
        ({"cron": "@daily"}, {"backup_hour": 0}),
        ({"retries": 1}, {}),
    ],
)
def test_a_change_of_the_nightly_backup_is_a_setting(changes: dict[str, object], said: dict[str, object]) -> None:
    saved = BUILTIN["nightly_backup"].saved
    assert saved and saved(changes) == said


@pytest.mark.parametrize("cron", ["30 3 * * *", "0 3 * * 1", "0 3,4 * * *", "0 */2 * * *", "0 3 1 * *"])
def test_the_nightly_backup_is_made_at_a_full_hour_of_each_day(cron: str) -> None:
    saved = BUILTIN["nightly_backup"].saved
    assert saved
    with pytest.raises(UserError):
        saved({"cron": cron})
