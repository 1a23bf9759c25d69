"""CastMind as one ASGI app: pages, HTTP API, and the threads behind them.

python castmind_app.py         follows CastMind's settings (host, port)
streamlit run castmind_app.py  follows .streamlit/config.toml

start: read settings ─▶ CastMind.start ─▶ serve        no library ─▶ a page asks (core/ops/backup/rescue.py) ─▶ CastMind.start
stop:  SIGTERM, Ctrl-C, a terminal that closes ─▶ CastMind.leave ─▶ no new connections, 3 s for the open ones ─▶ CastMind.stop
"""

from __future__ import annotations

import gc

# The collector looks for garbage thirty times during the imports, finds next to none, and takes a tenth of their time.
gc.disable()

import asyncio
import logging
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import anyio.to_thread
import streamlit as st
import uvicorn
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.components.v2 import manifest_scanner
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

import core.app
from core.api.accounts import provider_sign_in, sign_in
from core.api.accounts.entry_answers import EntryPages
from core.api.gate import client_address
from core.api.gate.open_pages import OpenPages
from core.api.gate.request_gate import RequestGate
from core.api.gate.request_limits import BodyLimit, RateLimits
from core.api.routes import routes
from core.api.server import connections, content_policy, interpreter, joined_scripts
from core.api.server.access_log import AccessLog
from core.api.server.answer_cache import Remembered
from core.api.server.browser_name import BrowserName
from core.api.server.foreign_errors import ForeignErrors
from core.api.server.host_guard import OWN_NAMES, WILDCARDS, Guard, host_names
from core.api.server.http_metrics import HttpMetrics, Templates
from core.api.server.smaller_files import SmallerFiles
from core.api.server.sockets import Sockets
from core.api.system.rescue import Rescuing
from core.domain.accounts.actor import SYSTEM
from core.domain.accounts.entry_form import EntryForm
from core.errors import StartError
from core.events import SessionsEnded
from core.ops.backup.rescue import RESCUED
from pages.frame import installable
from pages.frame.start_page import StartPage
from pages.rescue import page as rescue
from pages.sign_in import page as entry

GRACE_SECONDS = 3
STATIC = Path(st.__file__).parent / "static"
# Fonts of Streamlit, by the beginning of their names, and those that scripts/smaller_fonts.py made of them.
_OURS = Path(__file__).parent / "pages" / "frame" / "fonts"
FONTS = {
    "MaterialSymbols-Rounded.": _OURS / "icons.woff2",
    "SourceSerifVariable-Roman.": _OURS / "serif.woff2",
    "SourceSansVF-Upright.": _OURS / "sans.woff2",
}
FIRST_FONTS = {"sans": "SourceSansVF-Upright.", "serif": "SourceSerifVariable-Roman."}


def built() -> core.app.CastMind:
    try:
        return core.app.build()
    except StartError as error:
        sys.exit(f"CastMind cannot start. {error.detail}")


class PlainStartFailure:
    """A start that failed for a reason that the user can mend is told in one sentence, without a traceback."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def plain(message: Message) -> None:
            error = sys.exception()
            if message["type"] == "lifespan.startup.failed" and isinstance(error, StartError):
                message = {**message, "message": f"CastMind cannot start. {error.detail}"}
            await send(message)

        await self._app(scope, receive, plain if scope["type"] == "lifespan" else send)


def tell_of_the_end() -> None:
    """An end that is asked for is no crash, also where the rest of the stop takes so long that it is cut short.

    A terminal that is closed asks for it as well; where nobody listens to that, as under nohup, it stays so.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        before = signal.getsignal(name)
        served = signal.getsignal(signal.SIGTERM) if name is signal.SIGHUP and before is signal.SIG_DFL else before
        if callable(served) and not isinstance(served, signal.Handlers):
            signal.signal(name, partial(_leave, served))


def _leave(then: Callable[[int, FrameType | None], Any], number: int, frame: FrameType | None) -> None:
    castmind.leave()
    then(number, frame)


def limit_server() -> None:
    """Limit how long connections may keep the server waiting, also while it stops, and note the address that it listens at.

    A paused player or a half-sent upload holds its connection open, and without a limit the stop would wait for it. Streamlit
    starts uvicorn without limits and without a way to name some, but uvicorn handles the signals itself, so its server is
    found there, before it listens. Other servers bring limits of their own.
    """
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    if isinstance(server, uvicorn.Server):
        server.config.timeout_graceful_shutdown = GRACE_SECONDS
        connections.limit(server.config)
        if isinstance(server.config.loaded_app, ProxyHeadersMiddleware):
            # It believes X-Forwarded-For of every program on this computer; client_address trusts the proxies of the settings.
            server.config.loaded_app = server.config.loaded_app.app
        castmind.front_door.listen_at(server.config.host)
    else:
        # Another server, whose address is not known: without a password, it serves the set-up page alone.
        castmind.front_door.listen_at("")


def is_worth_logging(record: logging.LogRecord) -> bool:
    """A connection that the stop cut is named by uvicorn in a line of its own; its traceback says nothing more."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    limit_server()
    tell_of_the_end()
    logging.getLogger("uvicorn.error").addFilter(is_worth_logging)
    try:
        await anyio.to_thread.run_sync(castmind.start)
    except RESCUED as error:
        castmind.rescue.begin(error)
        say(f"CastMind did not find its library, and asks at {url()} what to do")
        say_code()
    else:
        say_ready()
    interpreter.share()
    try:
        yield {}
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(castmind.stop)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def say_ready() -> None:
    say(f"CastMind is ready at {url()}")
    say_code()


def say_code() -> None:
    """Print the one-time code while the first password is to be set: who reads the log of the server owns it."""
    if castmind.front_door.waits_for_set_up:
        say(f"Open it in a browser to set the first password. The one-time code is {castmind.front_door.set_up_code()}")


def no_components(max_workers: int | None = None) -> list[tuple[manifest_scanner.ComponentManifest, Path]]:  # noqa: ARG001
    """Stand in for Streamlit's search; the signature is its own."""
    return []


def skip_component_search() -> None:
    """Let Streamlit's start skip the search for components in other packages, which takes a tenth of it.

    It parses the description of every installed package four times. The pages bring their own components.
    """
    manifest_scanner.scan_component_manifests = no_components


def url() -> str:
    """Where the pages are, as a person on this computer types it; Streamlit's options know it for both ways to start."""
    host = st.get_option("server.address") or ""
    name = "localhost" if host in WILDCARDS | OWN_NAMES else host
    return f"http://{f'[{name}]' if ':' in name else name}:{st.get_option('server.port')}"


def font_addresses() -> dict[str, str]:
    """Return the addresses of the fonts that pages show first, as Streamlit's page loads them."""
    media = STATIC / "static" / "media"
    return {name: f"/static/media/{file.name}" for name, start in FIRST_FONTS.items() for file in media.glob(f"{start}*")}


def policy() -> str:
    return content_policy.policy((STATIC / "index.html").read_text(encoding="utf-8"))


skip_component_search()
castmind = built()
castmind.rescue.on_started = say_ready
open_pages = OpenPages()
castmind.events.listen("open pages", open_pages.ended, SessionsEnded)
start_page = StartPage(font_addresses())
names = host_names(castmind.settings.values.host, castmind.settings.values.allowed_hosts)
entry_pages = EntryPages(entry.render, lambda: castmind.provider_sign_in.name)
served = [
    *installable.routes(),
    *start_page.routes(),
    *sign_in.routes(castmind.sign_in, entry_pages),
    *provider_sign_in.routes(castmind.provider_sign_in, castmind.identities, entry_pages),
    *routes(castmind),
]

# Streamlit finds the app by reading this file: it has to stay a plain call at the top level.
app = st.App(
    Path(__file__).parent / "pages" / "shell.py",
    lifespan=lifespan,
    routes=served,
    middleware=[
        Middleware(PlainStartFailure),
        Middleware(HttpMetrics, templates=Templates(served), observe=castmind.metrics.answered),
        Middleware(AccessLog),
        Middleware(Guard, names=names, policy=policy()),
        Middleware(
            RequestGate,
            door=castmind.front_door,
            sessions=castmind.sessions,
            trusted=client_address.networks(castmind.settings.values.trusted_proxies),
            pages=open_pages,
            rescuing=lambda: castmind.rescue.state() is not None,
            missing=partial(entry.render, EntryForm("missing"), ""),
        ),
        Middleware(RateLimits),
        Middleware(BodyLimit),
        Middleware(
            SmallerFiles, fonts=FONTS, join=partial(joined_scripts.of_streamlit, STATIC, st.__version__), page=start_page.page
        ),
        Middleware(BrowserName),
        Middleware(Sockets, told=castmind.metrics.pages),
        Middleware(Rescuing, rescue=castmind.rescue, render=rescue.render, door=castmind.front_door, ask=entry.render),
        Middleware(ForeignErrors),
        Middleware(Remembered, mark=partial(castmind.library.mark, SYSTEM)),
    ],
)
gc.enable()


def main() -> None:
    values = castmind.settings.values
    app.run(config={"server.address": values.host, "server.port": values.port})


if __name__ == "__main__":
    main()
