from __future__ import annotations

from pathlib import Path

import pytest

from core.domain.accounts.actor import OWNER, Actor
from core.errors import UserError
from core.services.settings.user_preferences import UserPreferences
from core.store.accounts import user_preferences
from core.store.db.database import Store
from tests.new_database import new_database

HERE, THERE = Actor(OWNER.user_id, "here"), Actor(OWNER.user_id, "there")


def test_a_choice_holds_in_its_browser_alone_and_after_a_restart(tmp_path: Path) -> None:
    store = Store(new_database(tmp_path))
    store.open()
    preferences = UserPreferences(store)
    preferences.read_saved()
    assert preferences.get(HERE, "language") is None
    preferences.save(HERE, "language", "zh")
    store.close()
    store.open()
    later = UserPreferences(store)
    later.read_saved()
    for each in (preferences, later):
        assert (each.get(HERE, "language"), each.get(THERE, "language"), each.get(OWNER, "language")) == ("zh", None, None)
    store.close()


@pytest.mark.parametrize(("name", "value"), [("language", "fr"), ("language", ""), ("colour", "red")])
def test_what_cannot_be_chosen_is_refused(tmp_path: Path, name: str, value: str) -> None:
    store = Store(new_database(tmp_path))
    store.open()
    preferences = UserPreferences(store)
    with pytest.raises(UserError, match="Nothing was changed"):
        preferences.save(HERE, name, value)
    assert preferences.get(HERE, name) is None
    store.close()


@pytest.mark.parametrize(("name", "value"), [("language", "../../secret"), ("language", "fr"), ("colour", "red")])
def test_what_a_library_from_elsewhere_holds_and_nobody_can_choose_counts_as_not_chosen(
    tmp_path: Path, name: str, value: str
) -> None:
    store = Store(new_database(tmp_path))
    store.open()
    store.write(lambda db: user_preferences.save(db, HERE, name, value, now=1.0))
    store.write(lambda db: user_preferences.save(db, THERE, "language", "zh", now=1.0))
    preferences = UserPreferences(store)
    preferences.read_saved()
    assert (preferences.get(HERE, name), preferences.get(THERE, "language")) == (None, "zh")
    store.close()
