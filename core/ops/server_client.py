"""Send requests to the server that holds the data folder, through its public HTTP API.

restore   POST /api/v1/backups/NAME/restore ─▶ GET /api/v1/backups until its `restore` has finished
reindex   POST /api/v1/search/index ─▶ GET /api/v1/search/index until it is complete
password  GET /api/v1/accounts ─▶ PATCH, PUT /api/v1/accounts/ID/password
opml      POST /api/v1/opml ─▶ GET /api/v1/imports/ID until it has finished
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from core.domain.accounts.actor import OWNER
from core.domain.accounts.user import key_of
from core.errors import CastMindError, Conflict, NotFound
from core.ops import console_token
from core.ops.backup.restore_state import RestoreResult
from core.settings import Settings

LOOK_SECONDS = 0.5
EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104


def restore(
    name: str, values: Settings, *, say: Callable[[str], None], sleep: Callable[[float], None] = time.sleep
) -> RestoreResult:
    """Restore through the server; `say` receives each new phase.

    Raises CastMindError with the server's message; its data is then unchanged.
    """
    with _server(values) as server:
        _answer(server, "POST", f"/api/v1/backups/{name}/restore")
        phase = ""
        while True:
            state = _answer(server, "GET", "/api/v1/backups").get("restore") or {}
            if not state.get("running"):
                return _result(state)
            if state["phase"] != phase:
                phase = state["phase"]
                say(phase)
            sleep(LOOK_SECONDS)


def reindex(values: Settings, *, show: Callable[[int, int], None], sleep: Callable[[float], None] = time.sleep) -> int:
    """Rebuild the index through the server; return the number of episodes. `show` receives the episodes done and their total."""
    with _server(values) as server:
        state = _answer(server, "POST", "/api/v1/search/index")
        while not state["whole"]:
            show(state["done"], state["total"])
            sleep(LOOK_SECONDS)
            state = _answer(server, "GET", "/api/v1/search/index")
        return int(state["total"])


def import_opml(
    body: bytes,
    values: Settings,
    wishes: Mapping[str, str | int | bool],
    *,
    show: Callable[[int, int], None],
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, int]:
    """Import through the server; return how many feeds ended in each state. `show` receives the feeds done and their total."""
    with _server(values) as server:
        state = _answer(server, "POST", "/api/v1/opml", params=wishes, content=body)
        while state["running"]:
            show(state["done"], state["total"])
            sleep(LOOK_SECONDS)
            state = _answer(server, "GET", f"/api/v1/imports/{state['id']}")
        return dict(state["counts"])


def set_password(user: str, password: str, values: Settings) -> str:
    """Set a user's password through the server; return the name. "" is the first user."""
    with _server(values) as server:
        listed = _answer(server, "GET", "/api/v1/accounts")["items"]
        found = [each for each in listed if (key_of(each["name"]) == key_of(user) if user else each["id"] == OWNER.user_id)]
        if not found:
            raise NotFound(f"There is no user {user}. Nothing was changed.")
        _answer(server, "PATCH", f"/api/v1/accounts/{found[0]['id']}", json={"disabled": False})
        _answer(server, "PUT", f"/api/v1/accounts/{found[0]['id']}/password", json={"password": password})
        return str(found[0]["name"])


def address(values: Settings) -> str:
    """Return the URL of the server with these settings, as seen from this computer."""
    host = "127.0.0.1" if values.host in EVERYWHERE else values.host
    return f"http://{f'[{host}]' if ':' in host else host}:{values.port}"


def _server(values: Settings) -> httpx.Client:
    return httpx.Client(base_url=address(values), timeout=60.0, trust_env=False, headers=console_token.headers(values.data))


def _answer(server: httpx.Client, method: str, path: str, **request: Any) -> dict[str, Any]:
    try:
        answer = server.request(method, path, **request)
        body = answer.json() if answer.content else {}
    except (httpx.HTTPError, ValueError) as error:
        raise Conflict(
            f"The data folder is in use, and the CastMind that should answer at {server.base_url} does not ({error}). Nothing "
            "was changed. Stop it and try again, or give it the same CASTMIND_PORT as this command."
        ) from error
    if answer.is_error:
        raise Conflict(str(body.get("detail", answer.reason_phrase)))
    found: dict[str, Any] = body
    return found


def _result(state: dict[str, Any]) -> RestoreResult:
    if state.get("error"):
        raise CastMindError(state["error"]["detail"])
    return RestoreResult(**state["result"])
