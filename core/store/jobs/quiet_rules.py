"""The rules by which heavy steps rest, a row of the `settings` table."""

from __future__ import annotations

import json

from core.domain.schedules import quiet_hours
from core.domain.schedules.quiet_hours import QuietRules
from core.store.db.sqlite import Database
from core.store.settings import saved_settings

NAME = "quiet_hours"


def get(db: Database) -> QuietRules:
    row = db.execute("SELECT value FROM settings WHERE name = ?", [NAME]).fetchone()
    return quiet_hours.rules(json.loads(row["value"])) if row else QuietRules()


def save(db: Database, rules: QuietRules, *, now: float) -> None:
    if rules == QuietRules():
        saved_settings.forget(db, NAME)
    else:
        saved_settings.save(db, NAME, rules.to_json(), now=now)
