"""The sign-in and set-up pages: plain forms, rendered by the server before anything of the app is served.

    GET  /sign-in?next=…   name and password            POST /sign-in        ─▶ 303 to `next`, or the page that asks for a code
                                                        POST /sign-in/code   ─▶ 303 to `next`
    GET  /set-up           code, name, first password   POST /set-up         ─▶ 303 to the library
    GET  /sign-out         asks                         POST /sign-out       ─▶ 303 to /sign-in

Every answer to a POST that failed is the page again, with the reason. The cookie of a session is HttpOnly and SameSite=Lax; over
https it is Secure and bound to the host. A form of another origin does not get here (core/api/server/host_guard.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from core.api import problems
from core.api.gate.request_gate import (
    DOOR,
    NEVER_CACHED,
    VISIT,
    cookies_of,
)
from core.api.server import plain_form
from core.domain.accounts import session_cookie
from core.domain.accounts.actor import IN_SCOPE
from core.domain.accounts.entry_form import EntryForm, EntryStep
from core.errors import CastMindError, TooManyAttempts
from core.services.accounts.sessions import LONGEST_DAYS
from core.services.accounts.sign_in import SignIn

STEP_COOKIE = "castmind_sign_in_step"
STEP_SECONDS = 300
LONGEST_NEXT = 2_000


Render = Callable[[EntryForm, str, str], str]
"""Renders a page as HTML from the form, the language chosen on it ("" for none), and the reader's Accept-Language."""


def routes(sign_in: SignIn, render: Render) -> list[BaseRoute]:
    pages = _Pages(sign_in, render)
    return [
        Route("/sign-in", pages.sign_in, methods=["GET"]),
        Route("/sign-in", pages.begin, methods=["POST"]),
        Route("/sign-in/code", pages.second, methods=["POST"]),
        Route("/set-up", pages.set_up, methods=["GET"]),
        Route("/set-up", pages.first_password, methods=["POST"]),
        Route("/sign-out", pages.ask_to_sign_out, methods=["GET"]),
        Route("/sign-out", pages.sign_out, methods=["POST"]),
    ]


class _Pages:
    def __init__(self, sign_in: SignIn, render: Render) -> None:
        self._sign_in = sign_in
        self._render = render

    async def sign_in(self, request: Request) -> Response:
        if request.scope[DOOR] == "set_up":
            return _to("/set-up")
        if request.scope[IN_SCOPE] is not None:
            return _to(place(request.query_params.get("next", "")))
        return self._page(request, EntryForm("sign_in", place(request.query_params.get("next", ""))))

    async def set_up(self, request: Request) -> Response:
        if request.scope[DOOR] != "set_up":
            return _to("/")
        return self._page(request, EntryForm("set_up"))

    async def begin(self, request: Request) -> Response:
        async def act(form: dict[str, str]) -> Response:
            name, password = form.get("name", ""), form.get("password", "")
            token, whole = await run_in_threadpool(self._sign_in.begin, name, password, request.scope[VISIT])
            if whole:
                return _signed_in(request, token, place(form.get("next", "")))
            answer = self._page(request, EntryForm("code", place(form.get("next", ""))))
            _set_cookie(request, answer, STEP_COOKIE, token, path="/sign-in", seconds=STEP_SECONDS)
            return answer

        return await self._try(request, "sign_in", act)

    async def second(self, request: Request) -> Response:
        async def act(form: dict[str, str]) -> Response:
            ticket = request.cookies.get(STEP_COOKIE, "")
            token = await run_in_threadpool(self._sign_in.second, ticket, form.get("code", ""), request.scope[VISIT])
            answer = _signed_in(request, token, place(form.get("next", "")))
            answer.delete_cookie(STEP_COOKIE, path="/sign-in")
            return answer

        return await self._try(request, "code", act)

    async def first_password(self, request: Request) -> Response:
        if request.scope[DOOR] != "set_up":
            return _to("/")

        async def act(form: dict[str, str]) -> Response:
            code, name, password = (form.get(field, "") for field in ("code", "name", "password"))
            token = await run_in_threadpool(self._sign_in.set_up, code, name, password, request.scope[VISIT])
            return _signed_in(request, token, "/")

        return await self._try(request, "set_up", act)

    async def ask_to_sign_out(self, request: Request) -> Response:
        if request.scope[IN_SCOPE] is None or request.scope[DOOR] == "open":
            return _to("/sign-in")
        return self._page(request, EntryForm("sign_out"))

    async def sign_out(self, request: Request) -> Response:
        await run_in_threadpool(
            self._sign_in.sign_out, session_cookie.token_of(cookies_of(request.headers)), request.scope[VISIT]
        )
        answer = _to("/sign-in")
        answer.headers["Clear-Site-Data"] = '"cache"'
        for name in (session_cookie.PLAIN, session_cookie.SECURE):
            answer.delete_cookie(name, path="/", secure=name == session_cookie.SECURE)
        return answer

    async def _try(self, request: Request, step: EntryStep, act: Callable[[dict[str, str]], Any]) -> Response:
        """Act on the form; if that fails, show the page again with the reason."""
        try:
            form = await plain_form.fields(request)
        except CastMindError as error:
            return problems.of(error)
        try:
            answer: Response = await act(form)
        except CastMindError as error:
            again: EntryStep = "sign_in" if error.params.get("case") == "ticket" else step
            answer = self._page(request, EntryForm(again, place(form.get("next", "")), form.get("name", "")[:64], error))
            answer.status_code = error.status
            if isinstance(error, TooManyAttempts):
                answer.headers["Retry-After"] = str(max(1, round(error.retry_after)))
        return answer

    def _page(self, request: Request, form: EntryForm) -> Response:
        body = self._render(form, request.query_params.get("lang", ""), request.headers.get("accept-language", ""))
        # Under no-referrer, a browser sends a form with the Origin "null", which the guard cannot tell from another page's.
        return HTMLResponse(body, 200, {**NEVER_CACHED, "Vary": "Accept-Language", "Referrer-Policy": "same-origin"})


def place(wanted: str) -> str:
    """Return a path of this server to go to; "/" for anything that could lead elsewhere."""
    parts = urlsplit(wanted)
    plain = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and len(wanted) <= LONGEST_NEXT
    harmless = not parts.scheme and not parts.netloc and wanted.isprintable() and "\\" not in wanted
    return wanted if plain and harmless and not parts.path.startswith(("/sign-in", "/set-up", "/api/")) else "/"


def is_secure(request: Request) -> bool:
    """Return whether the browser speaks https, to this server or to a proxy that says so. A false word only makes it stricter."""
    said = request.headers.get("x-forwarded-proto", "").split(",")[0].strip().lower()
    return request.url.scheme == "https" or said == "https"


def _signed_in(request: Request, token: str, to: str) -> Response:
    answer = _to(to)
    name = session_cookie.SECURE if is_secure(request) else session_cookie.PLAIN
    _set_cookie(request, answer, name, token, path="/", seconds=int(LONGEST_DAYS * 86_400))
    return answer


def _set_cookie(request: Request, answer: Response, name: str, value: str, *, path: str, seconds: int) -> None:
    secure = is_secure(request)
    answer.set_cookie(name, value, max_age=seconds, path=path, httponly=True, samesite="lax", secure=secure)


def _to(path: str) -> Response:
    return RedirectResponse(path, 303, NEVER_CACHED)
