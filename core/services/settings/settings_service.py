"""The current settings, and saving them: the next read of `values` returns a change, without a restart."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any

from core import events, settings
from core.domain import web_address
from core.domain.accounts.actor import Actor
from core.errors import SettingLocked, UserError
from core.llm.errors import remote_refused
from core.llm.models import named_remote
from core.settings import Loaded, Settings
from core.store.db.database import Store
from core.store.settings import saved_settings

_ADDRESSES = ("hf_endpoint", "itunes_url", "podcastindex_url")
_LANGUAGES = ("audio_language", "notes_language")
_LANGUAGE = re.compile(r"auto|[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def _check_words(name: str, words: str) -> None:
    """Refuse what is typed by mistake. Files and the environment are not held to this: earlier versions took any words."""
    if name in _ADDRESSES and words:
        web_address.check(words)
    if name in _LANGUAGES and not _LANGUAGE.fullmatch(words):
        raise UserError(f"{name} is auto or the code of a language, such as en. Nothing was saved.", case="setting_language")


class SettingsService:
    """Starts with the settings from files and the environment; `read_saved` adds those in the store."""

    def __init__(self, loaded: Loaded, store: Store, *, environ: Mapping[str, str] | None = None) -> None:
        self._loaded = loaded
        self._store = store
        self._environ = environ

    @property
    def loaded(self) -> Loaded:
        return self._loaded

    @property
    def values(self) -> Settings:
        return self._loaded.values

    def read_saved(self) -> Loaded:
        self._loaded = settings.load(saved_settings.all_saved(self._store.read()), environ=self._environ)
        return self._loaded

    def save(self, actor: Actor, name: str, value: Any) -> Loaded:
        """Save a setting.

        Raises UserError or BadAddress for an invalid value, SettingLocked if the environment sets it or it is a secret,
        RemoteModel for a language model that runs on a remote server while `ollama_remote_models` is off.
        """
        checked = settings.check(name, value)
        _check_words(name, str(checked).strip())
        if settings.is_secret(name):
            raise SettingLocked(
                f"{name} is a secret and is not kept in the library. Set {settings.environment_name(name)} or "
                f"{settings.environment_name(name)}_FILE in the environment.",
                name=name,
                variable=settings.environment_name(name),
            )
        if self._loaded.locked(name):
            raise SettingLocked(
                f"{name} is fixed by {settings.environment_name(name)} in the environment. Change it there.",
                name=name,
                variable=settings.environment_name(name),
            )
        if name == "ollama_model" and named_remote(str(checked)) and not self.values.ollama_remote_models:
            raise remote_refused(str(checked))
        self._store.write(lambda db: saved_settings.save(db, name, checked, now=time.time()))
        return self._changed(name)

    def forget(self, actor: Actor, name: str) -> Loaded:
        """Delete the saved value, so that the setting returns to that of the layers below."""
        self._store.write(lambda db: saved_settings.forget(db, name))
        return self._changed(name)

    def _changed(self, name: str) -> Loaded:
        """Reload, then publish the event, so that a listener that reads `values` gets the new one."""
        loaded = self.read_saved()
        self._store.events.publish(events.SettingChanged(name=name))
        return loaded
