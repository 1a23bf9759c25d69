"""Parse a publisher's chapters or transcript in a confined process, where they cannot block the server.

body ─▶ confined: document_worker.py (memory, processor time, wall clock) ─▶ JSON ─▶ Chapters | SuppliedTranscript
                                                                       └─ over a limit ─▶ TooLarge, with a message
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass

from core.domain.episodes.publisher_extras import Chapters, Document, ExtraKind, SuppliedTranscript
from core.domain.feeds.feed_address import shown
from core.errors import TooLarge, Transient, UserError
from core.sandbox import run
from core.sources.publisher.document_worker import REFUSED

log = logging.getLogger(__name__)

TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class Asked:
    """The context of a document. `people`: the names of those who speak in the episode."""

    kind: ExtraKind
    url: str
    media_type: str = ""
    language: str | None = None
    people: tuple[str, ...] = ()


def read_document(body: bytes, asked: Asked, *, check: Callable[[], None] | None = None) -> Document:
    """Parse a document. `check` is called a few times a second; it raises to cancel.

    Raises UserError if it is no such document, TooLarge if it exceeds the limit of memory or time, Transient if the process
    ended early otherwise.
    """
    ended = run(
        "core.sources.publisher.document_worker",
        given=(json.dumps(asdict(asked)).encode() + b"\n", body),
        timeout=TIMEOUT,
        check=check,
    )
    if ended.code == 0:
        values = json.loads(ended.output)
        return Chapters.from_dict(values) if asked.kind is ExtraKind.CHAPTERS else SuppliedTranscript.from_dict(values)
    if ended.code == REFUSED:
        raise UserError(ended.output.decode("utf-8", "replace"))
    log.warning("the process that parses a publisher's document ended with %d: %s", ended.code, ended.said)
    what = f"The {asked.kind.value} at {shown(asked.url)}"
    if ended.late or ended.crashed or "MemoryError" in ended.said or "File too large" in ended.said:
        raise TooLarge(
            f"{what} took more memory or time to read than CastMind gives to such a document. Left out; all else is kept."
        )
    raise Transient(f"{what} could not be read: the process that does it ended early. Ask for it again later.")
