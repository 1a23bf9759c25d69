from __future__ import annotations

from functools import partial

from core.domain.schedules.quiet_hours import QuietRules, QuietWindow
from core.store.db.database import Store
from core.store.jobs import quiet_rules
from core.store.settings import saved_settings

RULES = QuietRules(until=5.0, windows=(QuietWindow((0,), 0, 60),), processes=("game",))


def test_rules_are_kept_and_no_rules_leave_no_row(store: Store) -> None:
    assert quiet_rules.get(store.read()) == QuietRules()
    store.write(partial(quiet_rules.save, rules=RULES, now=1.0))
    assert quiet_rules.get(store.read()) == RULES
    store.write(partial(quiet_rules.save, rules=QuietRules(), now=2.0))
    assert quiet_rules.NAME not in saved_settings.all_saved(store.read())
