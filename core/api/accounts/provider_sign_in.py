"""Signing in by a provider (OpenID Connect), and linking an account there to one's own.

    GET /sign-in/provider?next=… ─▶ 303 to the provider ─▶ GET /sign-in/provider/back?state&code ─┬─▶ 303 to `next`
                        [&link=1]                                                                 ├─▶ page: code of the app
                                                                          page: password to link ◀┘
                                                                          POST /sign-in/provider/link ─▶ 303 to settings

The way back is a navigation from another site: it changes nothing but by what this browser began, which a sealed cookie holds.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from core.api import problems
from core.api.accounts import entry_answers as answers
from core.api.accounts.entry_answers import EntryPages
from core.api.gate.request_gate import DOOR, VISIT
from core.api.server import plain_form
from core.domain.accounts.actor import IN_SCOPE, Actor
from core.domain.accounts.entry_form import EntryForm, EntryStep
from core.errors import CastMindError, SignInNeeded
from core.services.accounts.identities import Identities
from core.services.accounts.provider_sign_in import ProviderSignIn

BACK = "/sign-in/provider/back"
TRIP_COOKIE = "castmind_provider"
LINK_COOKIE = "castmind_provider_link"
PATH = "/sign-in/provider"
SECONDS = 600
AFTER_LINK = "/settings?group=accounts"


def routes(sign_in: ProviderSignIn, identities: Identities, pages: EntryPages) -> list[BaseRoute]:
    made = _Routes(sign_in, identities, pages)
    return [
        Route(PATH, made.begin, methods=["GET"]),
        Route(BACK, made.back, methods=["GET"]),
        Route("/sign-in/provider/link", made.link, methods=["POST"]),
    ]


@dataclass(frozen=True, slots=True)
class _Routes:
    _sign_in: ProviderSignIn
    _identities: Identities
    _pages: EntryPages

    async def begin(self, request: Request) -> Response:
        if request.scope[DOOR] == "set_up":
            return answers.to("/set-up")
        actor: Actor | None = request.scope[IN_SCOPE]
        linking = "link" in request.query_params
        wanted = AFTER_LINK if linking else answers.place(request.query_params.get("next", ""))
        if linking and (actor is None or not actor.session_id):
            return answers.to("/sign-in?next=%2Fsettings%3Fgroup%3Daccounts")

        async def act() -> Response:
            address, sealed = await run_in_threadpool(
                self._sign_in.begin, redirect_uri(request), wanted, actor if linking else None, request.scope[VISIT]
            )
            answer = answers.away(address)
            answers.set_cookie(request, answer, TRIP_COOKIE, sealed, path=PATH, seconds=SECONDS)
            return answer

        return await self._try(request, "sign_in", wanted, act)

    async def back(self, request: Request) -> Response:
        async def act() -> Response:
            arrival = await run_in_threadpool(
                self._sign_in.finish,
                request.cookies.get(TRIP_COOKIE, ""),
                dict(request.query_params),
                request.scope[IN_SCOPE],
                request.scope[VISIT],
            )
            if arrival.link:
                answer = self._pages.page(request, EntryForm("link", name=arrival.label))
                answers.set_cookie(request, answer, LINK_COOKIE, arrival.link, path=PATH, seconds=SECONDS)
            elif arrival.whole:
                answer = answers.signed_in(request, arrival.token, answers.place(arrival.next))
            else:
                answer = self._pages.ask_for_code(request, arrival.token, answers.place(arrival.next))
            answer.delete_cookie(TRIP_COOKIE, path=PATH)
            return answer

        return await self._try(request, "sign_in", "", act)

    async def link(self, request: Request) -> Response:
        actor: Actor | None = request.scope[IN_SCOPE]
        if actor is None or not actor.session_id:
            return problems.of(SignInNeeded())
        try:
            form = await plain_form.fields(request)
        except CastMindError as error:
            return problems.of(error)

        async def act() -> Response:
            await run_in_threadpool(self._identities.link, actor, request.cookies.get(LINK_COOKIE, ""), form.get("password", ""))
            answer = answers.to(AFTER_LINK)
            answer.delete_cookie(LINK_COOKIE, path=PATH)
            return answer

        return await self._try(request, "link", "", act, name=form.get("name", "")[:200])

    async def _try(
        self,
        request: Request,
        step: EntryStep,
        wanted: str,
        act: Callable[[], Coroutine[Any, Any, Response]],
        *,
        name: str = "",
    ) -> Response:
        """Act; if that fails, show a page with the reason."""
        try:
            return await act()
        except CastMindError as error:
            again: EntryStep = "sign_in" if error.params.get("case") == "round_trip" else step
            return self._pages.failed(request, EntryForm(again, wanted, name if again == step else "", error))


def redirect_uri(request: Request) -> str:
    """Return the address to register at the provider, under the name by which the browser calls this server."""
    return f"{'https' if answers.is_secure(request) else 'http'}://{request.headers['host']}{BACK}"
