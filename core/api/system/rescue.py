"""Serve the rescue page while CastMind waits for a decision (core/ops/backup/rescue.py), in place of pages and API.

    GET  anything                       the page, 503                POST /rescue/restore (backup=…)  ─┐
    GET  /health, /health/ready, /api/… 503, the reason as JSON      POST /rescue/new (sure=yes)       ├▶ 303 to the page
    GET  /health/live, /health/startup  200                          POST /rescue/again               ─┘

A pure ASGI middleware inside the guard, so that pages of other origins cannot send these forms. Once CastMind runs, everything
passes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from core.api import problems
from core.api.gate.request_gate import DOOR, VISIT
from core.api.problems import NEVER_CACHED
from core.api.server import plain_form
from core.domain.accounts.entry_form import EntryForm
from core.errors import CastMindError, SetUpNeeded, UserError
from core.ops.backup.rescue import Rescue, RescueState
from core.services.accounts.front_door import FrontDoor
from core.settings import VERSION

TRY_AGAIN_LATER = 1013

# Under no-referrer, a browser sends a form with the Origin "null", which the guard cannot tell from another page's.
PAGE_HEADERS = {**NEVER_CACHED, "Vary": "Accept-Language", "Referrer-Policy": "same-origin"}
RESCUE_COOKIE = "castmind_rescue"

AskForCode = Callable[[EntryForm, str, str], str]
"""Renders the page that asks for the code from the log, as `Render` does."""
Render = Callable[[RescueState, str, str], str]
"""Renders the page as HTML from the state, the language chosen on it ("" for none), and the reader's Accept-Language."""


class Rescuing:
    """A middleware for the app, inside the guard."""

    def __init__(self, app: ASGIApp, rescue: Rescue, render: Render, door: FrontDoor, ask: AskForCode) -> None:
        self._app = app
        self._door = door
        self._ask = ask
        self._rescue = rescue
        self._render = render
        self._began = time.monotonic()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = self._rescue.state()
        if scope["type"] == "lifespan" or state is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER, "reason": state.reason.code})
        else:
            answer = await self._answer(Request(scope, receive), state)
            await answer(scope, receive, send)

    async def _answer(self, request: Request, state: RescueState) -> Response:
        path = request.url.path
        if path in ("/health/live", "/health/startup"):
            # A supervisor must not restart what waits for a person.
            return JSONResponse({"status": "alive"}, headers=NEVER_CACHED)
        if path == "/health/ready":
            return JSONResponse({"status": "waiting for a decision", "phase": state.phase}, 503, NEVER_CACHED)
        if path == "/health":
            return JSONResponse(self._health(state), 503, NEVER_CACHED)
        if request.scope[DOOR] != "open" and not self._door.has_pass(request.cookies.get(RESCUE_COOKIE, "")):
            return await self._unlock(request)
        if path.startswith("/api/"):
            return problems.problem(
                503, state.reason.code, state.reason.detail, headers=NEVER_CACHED, params=dict(state.reason.params)
            )
        if request.method == "POST":
            return await self._press(request, path)
        if request.method not in ("GET", "HEAD"):
            return problems.problem(405, "method_not_allowed", "There is only a page here, until a choice is made.")
        return self._page(request, state)

    async def _unlock(self, request: Request) -> Response:
        """Ask for the code from the log before anything is shown or chosen: other computers reach this port."""
        if request.url.path.startswith("/api/"):
            return problems.of(SetUpNeeded())
        error: CastMindError | None = None
        if request.method == "POST":
            try:
                form = await plain_form.fields(request)
                given = self._door.let_in(form.get("code", ""), request.scope[VISIT].address)
            except CastMindError as wrong:
                error = wrong
            else:
                answer = RedirectResponse("/", 303, NEVER_CACHED)
                answer.set_cookie(RESCUE_COOKIE, given, httponly=True, samesite="strict")
                return answer
        asked = self._ask(EntryForm("unlock", error=error), request.query_params.get("lang", ""), _accepted(request))
        return HTMLResponse(asked, error.status if error else 200, PAGE_HEADERS)

    def _page(self, request: Request, state: RescueState) -> Response:
        query = request.query_params.get("lang", "")
        return HTMLResponse(self._render(state, query, _accepted(request)), 503, PAGE_HEADERS)

    async def _press(self, request: Request, path: str) -> Response:
        try:
            form = await plain_form.fields(request)
            await run_in_threadpool(self._choose, path, form)
        except CastMindError as error:
            return problems.of(error)
        language = form.get("lang", "")
        # The targets are constants: no part of a request becomes an address.
        return RedirectResponse({"zh": "/?lang=zh", "en": "/?lang=en"}.get(language, "/"), 303, NEVER_CACHED)

    def _choose(self, path: str, form: dict[str, str]) -> None:
        if path == "/rescue/restore":
            self._rescue.restore(form.get("backup", ""))
        elif path == "/rescue/new":
            if form.get("sure") != "yes":
                raise UserError("A new library is begun only when the box is ticked. Nothing was changed.", case="box")
            self._rescue.begin_new()
        elif path == "/rescue/again":
            self._rescue.look_again()
        else:
            raise UserError("There is only a page here, until a choice is made. Nothing was changed.")

    def _health(self, state: RescueState) -> dict[str, Any]:
        """Return the state in the format of core.ops.health, so that monitors need to know only one."""
        check = {
            "status": "fail",
            "output": state.reason.detail,
            "duration": 0.0,
            "code": state.reason.code,
            "params": dict(state.reason.params),
        }
        return {
            "status": "unhealthy",
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "uptime": round(time.monotonic() - self._began, 3),
            "version": VERSION,
            "checks": {"library": check},
        }


def _accepted(request: Request) -> str:
    return request.headers.get("accept-language", "")
