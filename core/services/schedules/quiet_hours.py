"""Quiet hours: heavy steps, which need the graphics card or stand in for it, rest while a person wants the computer.

rules (a row) ─┐
programs, card ┴─▶ step, every few seconds ─┬─▶ resting() ─▶ claims: no heavy step begins
                                            ├─▶ begins with `at_once` ─▶ what runs is requeued
                                            └─▶ ends ─▶ JobsQueued: the runner looks again

What is not heavy (polls, downloads, search, pages) goes on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.domain.accounts.actor import Actor
from core.domain.schedules import quiet_hours
from core.domain.schedules.quiet_hours import CardWatch, Quiet, QuietRules
from core.errors import UserError
from core.events import JobsQueued
from core.services.schedules.computer import Computer
from core.services.schedules.zones import zone_of
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.jobs import leases, quiet_rules

LONGEST_REST = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class Sight:
    """What rules can be about here: `card`, one whose use can be asked for; `programs`, those of the whole computer."""

    card: bool
    programs: bool


class QuietHours:
    """`heavy` are the names of the steps that rest. Thread-safe."""

    def __init__(
        self, store: Store, heavy: Callable[[], Collection[str]], computer: Computer, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._heavy = heavy
        self._computer = computer
        self._clock = clock
        self._guard = threading.Lock()
        self._rests: Quiet | None = None
        self._looked = False
        self._card = CardWatch()

    # --- asked ------------------------------------------------------------------------------------

    def rules(self, actor: Actor) -> QuietRules:
        return quiet_rules.get(self._store.read())

    def now(self, actor: Actor) -> Quiet | None:
        """Return why heavy steps rest, and until when; None if they do not."""
        self.resting()
        return self._rests

    def sight(self, actor: Actor) -> Sight:
        return Sight(self._computer.has_card(), self._computer.sees_the_host())

    def resting(self) -> bool:
        """Return whether heavy steps rest, as of the last look."""
        if not self._looked:
            self.step()
        return self._rests is not None

    # --- changed ----------------------------------------------------------------------------------

    def change(self, actor: Actor, **values: Any) -> QuietRules:
        """Set the given ones of windows, zone, processes, at_once. Raises UserError."""
        if "zone" in values:
            zone_of(values["zone"])
        return self._change(lambda rules: quiet_hours.rules(rules.to_json() | values))

    def rest_until(self, actor: Actor, until: float) -> QuietRules:
        """Let heavy steps rest until a time (Unix seconds), from now on. Raises UserError for one that is past or far away."""
        if not 0.0 < until - self._clock() <= LONGEST_REST:
            raise UserError("The time has to be in the next thirty days. Nothing was changed.", case="quiet_until")
        return self._change(lambda rules: replace(rules, until=until))

    def rest_until_idle(self, actor: Actor) -> QuietRules:
        """Let heavy steps rest until the card has been idle for a minute. Raises UserError without a card to watch."""
        if self._computer.card_use() is None:
            raise UserError("There is no NVIDIA card here whose use can be watched. Nothing was changed.", case="quiet_no_card")
        self._card = CardWatch()
        return self._change(lambda rules: replace(rules, until_idle=True))

    def resume(self, actor: Actor) -> QuietRules:
        """Let heavy steps go on now; a rule that holds counts again once it has not held."""
        running = self._running(self.rules(actor))
        return self._change(
            lambda rules: quiet_hours.resumed(rules, now=self._clock(), zone=zone_of(rules.zone), running=running)
        )

    def _change(self, change: Callable[[QuietRules], QuietRules]) -> QuietRules:
        def written(db: Database) -> QuietRules:
            rules = change(quiet_rules.get(db))
            quiet_rules.save(db, rules, now=self._clock())
            return rules

        rules = self._store.write(written)
        self.step()
        return rules

    # --- looking ----------------------------------------------------------------------------------

    def step(self) -> None:
        """Look whether heavy steps rest now; once they no longer do, have the runner look for jobs."""
        with self._guard:
            rules = quiet_rules.get(self._store.read())
            seen = self._seen(rules)
            after = quiet_hours.forget_past(rules, **seen)
            if after != rules:
                self._store.write(lambda db: self._forget(db, rules, after))
            rests, before = quiet_hours.quiet(after, **seen), self._rests
            begins = rests is not None and (before is None or (rests.at_once and not before.at_once))
            self._rests, self._looked = rests, True
            if begins and rests is not None and rests.at_once:
                self._store.write(lambda db: leases.requeue_steps(db, self._heavy()))
        if rests is None and before is not None:
            self._store.events.publish(JobsQueued())

    def _forget(self, db: Database, rules: QuietRules, after: QuietRules) -> None:
        """Save what is left of the rules, unless somebody changed them meanwhile."""
        if quiet_rules.get(db) == rules:
            quiet_rules.save(db, after, now=self._clock())

    def _seen(self, rules: QuietRules) -> Mapping[str, Any]:
        now = self._clock()
        return {
            "now": now,
            "zone": zone_of(rules.zone),
            "running": self._running(rules),
            "idle": self._card.look(now, self._computer.card_use()) if rules.until_idle else False,
        }

    def _running(self, rules: QuietRules) -> Collection[str]:
        """Return the programs that run, if a rule is about one."""
        return self._computer.programs() if rules.processes else frozenset()
