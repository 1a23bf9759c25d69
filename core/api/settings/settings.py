"""The settings, with the source of each value, and changes to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter

from core import settings as table
from core.api import schemas
from core.api.asking import Asking
from core.api.services import Services
from core.errors import SettingLocked
from core.settings import Loaded


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["settings"])
    preferences = services.settings

    @api.get("/settings")
    def listing() -> schemas.Json:
        return {"items": _rows(preferences.loaded)}

    @api.patch("/settings")
    def change(actor: Asking, body: dict[str, Any]) -> schemas.Json:
        """`{name: value}`; null goes back to the layer below. All are checked before the first is saved."""
        for name, value in body.items():
            _check(services, name, value)
        for name, value in body.items():
            if value is None:
                preferences.forget(actor, name)
            else:
                preferences.save(actor, name, value)
        return listing()

    return api


def _check(services: Services, name: str, value: Any) -> None:
    table.check(name, table.Settings.model_fields[name].default if value is None and name in table.table() else value)
    if services.settings.loaded.locked(name) or table.is_secret(name):
        variable = table.environment_name(name)
        raise SettingLocked(
            f"{name} is fixed by {variable} in the environment. Nothing was changed.", name=name, variable=variable
        )


def _rows(loaded: Loaded) -> list[schemas.Json]:
    """Return one row per setting. `source` is the layer that set it; `locked`: the environment fixes it; `restart`: applies then.

    A secret's row only tells whether it is set.
    """
    values = loaded.values.model_dump(mode="json")
    defaults = table.Settings().model_dump(mode="json")
    rows = []
    for name, field in table.table().items():
        extra = field.json_schema_extra
        assert isinstance(extra, Mapping)
        rows.append(
            {
                "name": name,
                "value": ("set" if values[name] else "") if table.is_secret(name) else values[name],
                "default": defaults[name],
                "source": loaded.sources[name],
                "locked": loaded.locked(name),
                "variable": table.environment_name(name),
                "help": field.description,
                "group": extra["group"],
                "restart": extra["restart"],
            }
        )
    return rows
