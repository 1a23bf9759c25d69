from __future__ import annotations

from functools import partial

from core.domain.jobs.job import Stage, State
from core.domain.schedules.quiet_hours import QuietRules, QuietWindow
from core.store.db.database import Store
from core.store.jobs import leases, quiet_rules
from core.store.settings import saved_settings
from tests.runner_fixture import Rig

RULES = QuietRules(until=5.0, windows=(QuietWindow((0,), 0, 60),), processes=("game",))


def test_rules_are_kept_and_no_rules_leave_no_row(store: Store) -> None:
    assert quiet_rules.get(store.read()) == QuietRules()
    store.write(partial(quiet_rules.save, rules=RULES, now=1.0))
    assert quiet_rules.get(store.read()) == RULES
    store.write(partial(quiet_rules.save, rules=QuietRules(), now=2.0))
    assert quiet_rules.NAME not in saved_settings.all_saved(store.read())


def test_the_given_steps_stop_and_the_others_run_on(store: Store, tmp_path: object) -> None:
    rig = Rig(store, tmp_path)  # type: ignore[arg-type]
    one, other = rig.add(), rig.add()
    store.write(lambda db: leases.claim(db, Stage.FETCH, now=rig.now))
    rig.runner.step(Stage.FETCH)
    rig.runner.step(Stage.FETCH)
    assert store.write(lambda db: quiet_rules.stop(db, [Stage.TRANSCRIBE])) == 0
    running = [number for number in (one, other) if rig.job(number, Stage.FETCH).state is State.RUNNING]
    assert store.write(lambda db: quiet_rules.stop(db, [Stage.FETCH, Stage.TRANSCRIBE])) == len(running) == 1
    assert rig.job(running[0], Stage.FETCH).state is State.QUEUED
