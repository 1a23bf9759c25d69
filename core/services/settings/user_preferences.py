"""The preferences of each user for their own pages, per browser: currently the language.

picker ─▶ save(actor, "language", "zh") ─▶ a row by user and browser ─▶ get(actor, "language")
                                                no row ─▶ None: the global setting of the same name applies
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from core.domain.accounts.actor import Actor
from core.errors import UserError
from core.store.accounts import user_preferences
from core.store.db.database import Store

CHOICES: Mapping[str, tuple[str, ...]] = {"language": ("auto", "en", "zh")}
"""The allowed values by name."""


class UserPreferences:
    """Safe to call from any thread. Values are cached in memory, because a rerun of a page reads them hundreds of times."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._values: Mapping[tuple[int, str, str], str] = {}

    def read_saved(self) -> None:
        """Read all values from the store: once it is open, and again after another library replaced it.

        A restored library may come from anywhere: values outside CHOICES count as not chosen.
        """
        saved = user_preferences.every(self._store.read())
        self._values = {key: value for key, value in saved.items() if value in CHOICES.get(key[2], ())}

    def get(self, actor: Actor, name: str) -> str | None:
        """Return the actor's choice in this browser; None if there is none."""
        return self._values.get((actor.user_id, actor.browser, name))

    def save(self, actor: Actor, name: str, value: str) -> None:
        """Save a choice for this browser. Raises UserError for an unknown name or value."""
        if value not in CHOICES.get(name, ()):
            raise UserError(f"{name} can be {', '.join(CHOICES.get(name, ())) or 'chosen by nobody'}. Nothing was changed.")
        self._store.write(lambda db: user_preferences.save(db, actor, name, value, now=time.time()))
        self.read_saved()
