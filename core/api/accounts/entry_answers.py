"""What the routes of sign-in answer, by password and by a provider: a page with a form, a way on, a cookie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from core.api.problems import NEVER_CACHED
from core.domain.accounts import session_cookie
from core.domain.accounts.entry_form import EntryForm
from core.errors import TooManyAttempts
from core.services.accounts.sessions import LONGEST_DAYS

STEP_COOKIE = "castmind_sign_in_step"
STEP_SECONDS = 300
LONGEST_NEXT = 2_000

Render = Callable[[EntryForm, str, str], str]
"""Renders a page as HTML from the form, the language chosen on it ("" for none), and the reader's Accept-Language."""


@dataclass(frozen=True, slots=True)
class EntryPages:
    """`provider` returns the name of the sign-in provider; "" without one."""

    render: Render
    provider: Callable[[], str]

    def page(self, request: Request, form: EntryForm) -> Response:
        asked, accepted = request.query_params.get("lang", ""), request.headers.get("accept-language", "")
        body = self.render(replace(form, provider=self.provider()), asked, accepted)
        # Under no-referrer, a browser sends a form with the Origin "null", which the guard cannot tell from another page's.
        return HTMLResponse(body, 200, {**NEVER_CACHED, "Vary": "Accept-Language", "Referrer-Policy": "same-origin"})

    def ask_for_code(self, request: Request, ticket: str, wanted: str) -> Response:
        """Ask for the second factor of somebody whose first is proven."""
        answer = self.page(request, EntryForm("code", wanted))
        set_cookie(request, answer, STEP_COOKIE, ticket, path="/sign-in", seconds=STEP_SECONDS)
        return answer

    def failed(self, request: Request, form: EntryForm) -> Response:
        """Show the page again with the reason, `form.error`."""
        assert form.error is not None
        answer = self.page(request, form)
        answer.status_code = form.error.status
        if isinstance(form.error, TooManyAttempts):
            answer.headers["Retry-After"] = str(max(1, round(form.error.retry_after)))
        return answer


def place(wanted: str) -> str:
    """Return a path of this server to go to; "/" for anything that could lead elsewhere."""
    parts = urlsplit(wanted)
    plain = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and len(wanted) <= LONGEST_NEXT
    harmless = not parts.scheme and not parts.netloc and wanted.isprintable() and "\\" not in wanted
    return wanted if plain and harmless and not parts.path.startswith(("/sign-in", "/sign-out", "/set-up", "/api/")) else "/"


def is_secure(request: Request) -> bool:
    """Return whether the browser speaks https, to this server or to a proxy that says so. A false word only makes it stricter."""
    said = request.headers.get("x-forwarded-proto", "").split(",")[0].strip().lower()
    return request.url.scheme == "https" or said == "https"


def signed_in(request: Request, token: str, wanted: str) -> Response:
    answer = to(wanted)
    name = session_cookie.SECURE if is_secure(request) else session_cookie.PLAIN
    set_cookie(request, answer, name, token, path="/", seconds=int(LONGEST_DAYS * 86_400))
    return answer


def set_cookie(request: Request, answer: Response, name: str, value: str, *, path: str, seconds: int) -> None:
    secure = is_secure(request)
    answer.set_cookie(name, value, max_age=seconds, path=path, httponly=True, samesite="lax", secure=secure)


def to(path: str) -> Response:
    return RedirectResponse(path, 303, NEVER_CACHED)


def away(address: str) -> Response:
    """Lead to another server, which learns nothing of the page before."""
    return RedirectResponse(address, 303, {**NEVER_CACHED, "Referrer-Policy": "no-referrer"})
