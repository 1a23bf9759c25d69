"""The settings for a command: all layers, with those in the database read beside a running server."""

from __future__ import annotations

from core import settings
from core.errors import StartError
from core.settings import Loaded, Settings
from core.store.db.database import Store
from core.store.settings import saved_settings


def all_layers() -> Settings:
    """Return the settings of all layers. Raises StartError."""
    return all_loaded().values


def all_loaded() -> Loaded:
    """Return the settings with their layers; the database is opened read-only, so a server may be running. Raises StartError."""
    loaded = settings.load()
    path = loaded.values.data / "castmind.db"
    if not path.is_file():
        return loaded
    store = Store(path)
    try:
        saved = saved_settings.all_saved(store.read())
    except Exception as error:
        raise StartError(f"The saved settings in {path} cannot be read: {error}. Run `python -m core migrate`.") from error
    finally:
        store.close()
    return settings.load(saved)
