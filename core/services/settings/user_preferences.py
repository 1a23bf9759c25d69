"""What each user chose for their own pages, a browser at a time: today the language.

picker ─▶ save(actor, "language", "zh") ─▶ a row by user and browser ─▶ get(actor, "language")
                                                none ─▶ None: the setting of the same name, for everybody
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from core.domain.accounts.actor import Actor
from core.errors import UserError
from core.store.accounts import user_preferences
from core.store.db.database import Store

CHOICES: Mapping[str, tuple[str, ...]] = {"language": ("auto", "en", "zh")}
"""By name, the values that it can have."""


class UserPreferences:
    """Safe to call from any thread. A rerun of a page asks hundreds of times: what is saved is kept in memory."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._values: Mapping[tuple[int, str, str], str] = {}

    def read_saved(self) -> None:
        """Reads what the store holds; once it is open, and again when another library was put in its place."""
        self._values = user_preferences.every(self._store.read())

    def get(self, actor: Actor, name: str) -> str | None:
        """None where the actor has chosen nothing in this browser."""
        return self._values.get((actor.user_id, actor.browser, name))

    def save(self, actor: Actor, name: str, value: str) -> None:
        """Raises UserError for what cannot be chosen."""
        if value not in CHOICES.get(name, ()):
            raise UserError(f"{name} can be {', '.join(CHOICES.get(name, ())) or 'chosen by nobody'}. Nothing was changed.")
        self._store.write(lambda db: user_preferences.save(db, actor, name, value, now=time.time()))
        self.read_saved()
