"""The route to which other apps share files and addresses with the installed app.

    POST /share (form: title, text, url, files) ─▶ castmind.uploads.share: files, streamed to disk ─▶ episodes, refusals
        ─▶ 303 to the library ─┬─ files ─▶ ?share_added=12&share_refused=not_audio:notes.txt: what was taken in, what was not
                               └─ no files ─▶ ?share_url=…: the sheet that adds an address (library/adding)

The answer is a redirect, so that a reload of the library shares nothing again. https://w3c.github.io/web-share-target/
Many servers and proxies take no header beyond 8 KiB, so the library's address is kept below that.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from core import app
from core.domain.accounts.actor import IN_SCOPE
from core.errors import CastMindError
from core.services.ingest.uploads import Shared
from pages.library.adding.shared_address import address_in

PATH = "/share"
WORDS = ("title", "text", "url")
FILES = "files"
# Characters of a file's name, and of a shared address and of all refused files as they stand in the library's address.
LONGEST_NAME, LONGEST_ADDRESS, LONGEST_REFUSED = 120, 2500, 2000
CLIENT_CLOSED = 499


def routes() -> list[BaseRoute]:
    return [Route(PATH, share, methods=["POST"])]


async def share(request: Request) -> Response:
    actor = request.scope[IN_SCOPE]
    try:
        shared = await app.current().uploads.share(actor, request.stream(), request.headers.get("content-type", ""))
    except ClientDisconnect:
        return Response(status_code=CLIENT_CLOSED)
    except CastMindError as error:
        return _to_library(_refused([("", error)]))
    return _to_library(told(shared))


def told(shared: Shared) -> list[tuple[str, str]]:
    """Return the words of the library's address that tell what became of it."""
    words = [("share_added", str(listed.episode.id)) for listed in shared.episodes] + _refused(
        [(each.filename, each.error) for each in shared.refused]
    )
    # Of texts, an address alone is worth asking about: beside files, apps send their names as text.
    address = address_in(shared.fields.get(name, "") for name in WORDS)
    if address and len(quote(address, safe="")) <= LONGEST_ADDRESS:
        return [*words, ("share_url", address)]
    return words or [("share_text", "")]


def _refused(refused: Sequence[tuple[str, CastMindError]]) -> list[tuple[str, str]]:
    """Return why files were refused, and how many more were, if their names are too long together."""
    words: list[tuple[str, str]] = []
    for name, error in refused:
        case = error.params.get("case")
        why = f"{error.code}.{case}" if case else error.code
        words.append(("share_refused", f"{why}:{name[:LONGEST_NAME]}"))
        if len(urlencode(words)) > LONGEST_REFUSED:
            return [*words[:-1], ("share_more", str(len(refused) - len(words) + 1))]
    return words


def _to_library(words: list[tuple[str, str]]) -> Response:
    return RedirectResponse(f"/?{urlencode(words)}", 303)
