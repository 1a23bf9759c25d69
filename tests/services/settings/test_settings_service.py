from __future__ import annotations

import pytest

from core import settings
from core.domain.accounts.actor import OWNER
from core.errors import SettingLocked, UserError
from core.services.settings.settings_service import SettingsService
from core.store.db.database import Store
from core.store.settings import saved_settings


def preferences(store: Store, **environ: str) -> SettingsService:
    return SettingsService(settings.load({}, environ=environ), store, environ=environ)


def test_a_saved_value_is_in_force_at_once_and_after_a_restart(store: Store) -> None:
    first = preferences(store)
    assert first.save(OWNER, "poll_minutes", "15").values.poll_minutes == 15.0
    assert first.values.poll_minutes == 15.0
    again = preferences(store)
    assert again.values.poll_minutes == 0.0
    assert again.read_saved().values.poll_minutes == 15.0
    assert again.loaded.sources["poll_minutes"] == "saved"


def test_forgetting_goes_back_to_the_layer_below(store: Store) -> None:
    chosen = preferences(store)
    before = chosen.values
    chosen.save(OWNER, "backlog", 9)
    assert chosen.forget(OWNER, "backlog").values == before


def test_what_the_environment_fixes_cannot_be_saved(store: Store) -> None:
    fixed = preferences(store, OLLAMA_HOST="http://a:1")
    with pytest.raises(SettingLocked, match="OLLAMA_HOST"):
        fixed.save(OWNER, "ollama_host", "http://b:2")
    assert saved_settings.all_saved(store.read()) == {}
    assert fixed.read_saved().values.ollama_host == "http://a:1"


@pytest.mark.parametrize(("name", "value"), [("backlog", "many"), ("device", "tpu"), ("no_such", 1)])
def test_a_value_that_does_not_fit_is_not_saved(store: Store, name: str, value: object) -> None:
    chosen = preferences(store)
    with pytest.raises(UserError):
        chosen.save(OWNER, name, value)
    assert saved_settings.all_saved(store.read()) == {}
