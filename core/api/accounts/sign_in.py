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

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from core.api import problems
from core.api.accounts.entry_answers import STEP_COOKIE, EntryPages, place, signed_in, to
from core.api.gate.request_gate import DOOR, VISIT, cookies_of
from core.api.server import plain_form
from core.domain.accounts import session_cookie
from core.domain.accounts.actor import IN_SCOPE
from core.domain.accounts.entry_form import EntryForm, EntryStep
from core.errors import CastMindError
from core.services.accounts.sign_in import SignIn


def routes(sign_in: SignIn, entry: EntryPages) -> list[BaseRoute]:
    pages = _Pages(sign_in, entry)
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
    def __init__(self, sign_in: SignIn, entry: EntryPages) -> None:
        self._sign_in = sign_in
        self._entry = entry

    async def sign_in(self, request: Request) -> Response:
        if request.scope[DOOR] == "set_up":
            return to("/set-up")
        if request.scope[IN_SCOPE] is not None:
            return to(place(request.query_params.get("next", "")))
        return self._entry.page(request, EntryForm("sign_in", place(request.query_params.get("next", ""))))

    async def set_up(self, request: Request) -> Response:
        if request.scope[DOOR] != "set_up":
            return to("/")
        return self._entry.page(request, EntryForm("set_up"))

    async def begin(self, request: Request) -> Response:
        async def act(form: dict[str, str]) -> Response:
            name, password = form.get("name", ""), form.get("password", "")
            token, whole = await run_in_threadpool(self._sign_in.begin, name, password, request.scope[VISIT])
            if whole:
                return signed_in(request, token, place(form.get("next", "")))
            return self._entry.ask_for_code(request, token, place(form.get("next", "")))

        return await self._try(request, "sign_in", act)

    async def second(self, request: Request) -> Response:
        async def act(form: dict[str, str]) -> Response:
            ticket = request.cookies.get(STEP_COOKIE, "")
            token = await run_in_threadpool(self._sign_in.second, ticket, form.get("code", ""), request.scope[VISIT])
            answer = signed_in(request, token, place(form.get("next", "")))
            answer.delete_cookie(STEP_COOKIE, path="/sign-in")
            return answer

        return await self._try(request, "code", act)

    async def first_password(self, request: Request) -> Response:
        if request.scope[DOOR] != "set_up":
            return to("/")

        async def act(form: dict[str, str]) -> Response:
            code, name, password = (form.get(field, "") for field in ("code", "name", "password"))
            token = await run_in_threadpool(self._sign_in.set_up, code, name, password, request.scope[VISIT])
            return signed_in(request, token, "/")

        return await self._try(request, "set_up", act)

    async def ask_to_sign_out(self, request: Request) -> Response:
        if request.scope[IN_SCOPE] is None or request.scope[DOOR] == "open":
            return to("/sign-in")
        return self._entry.page(request, EntryForm("sign_out"))

    async def sign_out(self, request: Request) -> Response:
        await run_in_threadpool(
            self._sign_in.sign_out, session_cookie.token_of(cookies_of(request.headers)), request.scope[VISIT]
        )
        answer = to("/sign-in")
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
            filled = EntryForm(again, place(form.get("next", "")), form.get("name", "")[:64], error)
            answer = self._entry.failed(request, filled)
        return answer
