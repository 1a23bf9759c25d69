"""Let each request in as somebody, or not at all: sessions, API tokens, the door without a login, the table of routes.

request ─▶ row in the table? ─▶ Authorization: Bearer ─▶ cookie ─▶ the door without a login ─▶ actor, or nobody
             │                                                                                    │
             │ none: 404                             role and means are enough for the row? ◀─────┤
             ▼                                              │ yes            │ no: 403            ▼
          (nobody: 401)                             scope["castmind.actor"]      a page: to /sign-in or /set-up │ 401, 403

A pure ASGI middleware inside the host guard and around all else, WebSockets included. An open WebSocket is closed when its
session ends; those that were opened without a login, when the first password is set.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from http.cookies import CookieError
from urllib.parse import quote

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from core.api.gate import client_address
from core.api.gate.open_pages import OpenPages
from core.api.gate.refusal import refuse
from core.api.gate.route_table import RouteNeed, find
from core.api.problems import NEVER_CACHED
from core.api.server.host_guard import OWN_NAMES, name_of
from core.domain.accounts import session_cookie
from core.domain.accounts.actor import IN_SCOPE, OWNER, Actor
from core.domain.accounts.browser import COOKIE as BROWSER_COOKIE
from core.domain.accounts.browser import named
from core.domain.accounts.door import Door
from core.domain.accounts.role import Role
from core.domain.accounts.visit import Visit
from core.errors import CastMindError, NotAllowed, NotFound, SetUpNeeded, SignInNeeded
from core.services.accounts.front_door import FrontDoor
from core.services.accounts.sessions import Sessions

VISIT = "castmind.visit"
DOOR = "castmind.door"

Find = Callable[[str, str], RouteNeed | None]


class RequestGate:
    """A middleware for the app. Belongs to the server's event loop.

    `rescuing`: whether there is no library, so that the rescue page answers everything; `missing` renders the page for an address
    without a page, from an Accept-Language.
    """

    def __init__(
        self,
        app: ASGIApp,
        door: FrontDoor,
        sessions: Sessions,
        *,
        trusted: tuple[client_address.Network, ...] = (),
        find: Find = find,
        pages: OpenPages | None = None,
        rescuing: Callable[[], bool] = lambda: False,
        missing: Callable[[str], str] | None = None,
    ) -> None:
        self._app = app
        self._door = door
        self._sessions = sessions
        self._trusted = trusted
        self._find = find
        self._pages = pages or OpenPages()
        self._rescuing = rescuing
        self._missing = missing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        method = "WEBSOCKET" if scope["type"] == "websocket" else scope["method"]
        need = self._find(method, scope["path"])
        visit = Visit(client_address.address_of(scope, self._trusted), headers.get("user-agent", ""))
        near = client_address.is_near(
            scope, container=self._door.container, names=OWN_NAMES, host=name_of(headers.get("host", ""))
        )
        door = self._door.door(near=near)
        scope[VISIT], scope[DOOR] = visit, door
        try:
            actor = await self._actor(headers, visit, door, need)
        except CastMindError as error:
            await refuse(error, scope, receive, send)
            return
        scope[IN_SCOPE] = actor
        if self._rescuing():
            # Every answer is that of the rescue page, which looks at the actor itself.
            await self._app(scope, receive, send)
            return
        if need in (RouteNeed.PUBLIC, RouteNeed.ENTRY, RouteNeed.CHECKED):
            await self._app(scope, receive, send)
        elif actor is None:
            await self._turn_away(need, door, scope, receive, send)
        elif need is None and self._missing and "text/html" in headers.get("accept", "") and method == "GET":
            page = self._missing(headers.get("accept-language", ""))
            await HTMLResponse(page, 404, NEVER_CACHED)(scope, receive, send)
        elif need is None:
            await refuse(NotFound(f"There is nothing at {scope['path'][:200]}."), scope, receive, send)
        elif not allowed(actor, need, method):
            await refuse(NotAllowed(), scope, receive, send)
        elif scope["type"] == "websocket":
            await self._pages.watch(actor.session_id, self._app, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _actor(self, headers: Headers, visit: Visit, door: Door, need: RouteNeed | None) -> Actor | None:
        """Return who asks. Raises SignInNeeded for a token that is not good (any more)."""
        cookies = cookies_of(headers)
        browser = named(cookies.get(BROWSER_COOKIE))
        kind, _, token = headers.get("authorization", "").partition(" ")
        if token and kind.lower() == "bearer" and need is not RouteNeed.CHECKED and not self._rescuing():
            found = await anyio.to_thread.run_sync(self._sessions.who_bears, token.strip(), visit)
            if found is None:
                raise SignInNeeded("This API token is not known, was revoked, or has ended.", case="token")
            return found
        if door == "open":
            return replace(OWNER, browser=browser, how="open", address=visit.address)
        cookie = session_cookie.token_of(cookies)
        if not cookie or self._rescuing():
            return None
        found = await anyio.to_thread.run_sync(self._sessions.who, cookie, visit)
        return replace(found, browser=browser) if found else None

    async def _turn_away(self, need: RouteNeed | None, door: Door, scope: Scope, receive: Receive, send: Send) -> None:
        """Lead a browser to the page that it needs; refuse all else."""
        opens = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        if opens and need is RouteNeed.PAGE and not scope["path"].startswith("/api/"):
            query = scope.get("query_string", b"").decode("latin-1")
            wanted = scope["path"] + (f"?{query}" if query else "")
            place = "/set-up" if door == "set_up" else f"/sign-in?next={quote(wanted, safe='')}" if wanted != "/" else "/sign-in"
            await RedirectResponse(place, 303, NEVER_CACHED)(scope, receive, send)
            return
        await refuse(SetUpNeeded() if door == "set_up" else SignInNeeded(), scope, receive, send)


def allowed(actor: Actor, need: RouteNeed, method: str) -> bool:
    """Return whether an actor's role, and the means by which they were let in, are enough for a row of the table."""
    closed = need is RouteNeed.SELF or method == "WEBSOCKET" or (need is RouteNeed.OWN and actor.role < Role.MEMBER)
    if actor.how == "token" and closed:
        return False
    return actor.role >= need.role


def cookies_of(headers: Headers) -> dict[str, str]:
    try:
        return cookie_parser("; ".join(headers.getlist("cookie")))
    except CookieError:
        return {}
