from __future__ import annotations

from core import errors
from core.domain.notify.pacing import REFUSED
from core.errors import notify


def test_what_somebody_has_to_change_is_tried_for_an_hour_and_the_rest_for_days() -> None:
    own = [each for each in vars(notify).values() if isinstance(each, type) and each.__module__ == notify.__name__]
    lasting = {each.code for each in own if issubclass(each, errors.UserError)}
    passing = {each.code for each in own if issubclass(each, errors.OutsideCondition)}
    assert lasting | {errors.BadAddress.code} == set(REFUSED)
    assert passing == {"notify_busy", "notify_failed"}
