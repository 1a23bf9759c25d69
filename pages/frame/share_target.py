"""The route to which other apps share files and addresses with the installed app.

    POST /share (form: title, text, url, files) ─▶ castmind.uploads.share: files, streamed to disk ─▶ episodes, refusals
        ─▶ 303 to the library ─┬─ files ─▶ ?share_added=12&share_refused=not_audio:notes.txt: what was taken in, what was not
                               └─ no files ─▶ ?share_url=…: the sheet that adds an address (library/adding)

The answer is a redirect, so that a reload of the library shares nothing again. https://w3c.github.io/web-share-target/
"""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from core import app
from core.domain.accounts.browser import COOKIE
from core.errors import CastMindError
from core.services.ingest.uploads import Shared
from pages.library.adding.shared_address import address_in
from pages.visitor import answering, me

PATH = "/share"
WORDS = ("title", "text", "url")
FILES = "files"
# Characters of a text, and of a file's name, in the library's address.
LONGEST, LONGEST_NAME = 2000, 120
CLIENT_CLOSED = 499


def routes() -> list[BaseRoute]:
    return [Route(PATH, share, methods=["POST"])]


async def share(request: Request) -> Response:
    with answering(request.cookies.get(COOKIE), "", ""):
        actor = me()
    try:
        shared = await app.current().uploads.share(actor, request.stream(), request.headers.get("content-type", ""))
    except ClientDisconnect:
        return Response(status_code=CLIENT_CLOSED)
    except CastMindError as error:
        return _to_library([("share_refused", f"{error.code}:")])
    return _to_library(told(shared))


def told(shared: Shared) -> list[tuple[str, str]]:
    """Return the words of the library's address that tell what became of it."""
    fields = [(name, shared.fields[name][:LONGEST]) for name in WORDS if shared.fields.get(name)]
    words = [("share_added", str(listed.episode.id)) for listed in shared.episodes]
    words += [("share_refused", f"{each.error.code}:{each.filename[:LONGEST_NAME]}") for each in shared.refused]
    if not words:
        return [(f"share_{name}", value) for name, value in fields] or [("share_text", "")]
    # Beside files, apps send their names as text: an address alone is worth asking about.
    address = address_in(value for _, value in fields)
    return [*words, ("share_url", address)] if address else words


def _to_library(words: list[tuple[str, str]]) -> Response:
    return RedirectResponse(f"/?{urlencode(words)}", 303)
