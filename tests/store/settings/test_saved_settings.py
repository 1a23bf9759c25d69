from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from core.store.db.database import Store
from core.store.settings import saved_settings


@pytest.mark.parametrize("value", ["zh", "", 3, 2.5, True, None, ["a", "b"], "简体"])
def test_a_value_comes_back_with_its_type(store: Store, value: Any) -> None:
    store.write(lambda db: saved_settings.save(db, "name", value, now=1.0))
    found = saved_settings.all_saved(store.read())
    assert found == {"name": value}
    assert type(found["name"]) is type(value)


def test_the_last_save_counts_and_forgetting_needs_no_save(store: Store) -> None:
    for value in (1, 2):
        store.write(partial(saved_settings.save, name="a", value=value, now=1.0))
    assert saved_settings.all_saved(store.read()) == {"a": 2}
    for name in ("a", "never saved"):
        store.write(partial(saved_settings.forget, name=name))
    assert saved_settings.all_saved(store.read()) == {}
