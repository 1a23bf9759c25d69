"""Find the real content of a media file, in a confined process.

    probe(path) ─▶ sniff the head ─▶ confined: core.sources.media.probe_worker path ─▶ one line of JSON ─▶ Probed or NotAudio

A decoder that crashes, hangs or exhausts memory harms only that process, and the server imports neither PyAV nor numpy.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.domain.episodes.episode import MediaInfo
from core.domain.episodes.file_facts import FileFacts
from core.domain.episodes.publisher_extras import SuppliedChapter
from core.errors import MediaMissing, NotAudio, Transient
from core.sandbox import run
from core.sources.media.sniff import HEAD, check_head

log = logging.getLogger(__name__)

TIMEOUT = 300.0


@dataclass(frozen=True, slots=True)
class Probed:
    """The result. `media_type`: MIME type by content; `suffix`: matching file extension with its dot; `duration`: seconds;
    `title`, `author`, `album`, `about` (a text of lines), `dated_at` (Unix seconds) and `chapters`: those of the file itself."""

    media_type: str
    suffix: str
    duration: float
    title: str | None = None
    author: str | None = None
    album: str | None = None
    about: str | None = None
    dated_at: float | None = None
    chapters: tuple[SuppliedChapter, ...] = ()

    def info(self, *, bytes: int, sha256: str) -> MediaInfo:
        said = FileFacts(self.title, self.author, self.album, self.about, self.dated_at)
        return MediaInfo(self.media_type, self.suffix, self.duration, bytes, sha256, said, self.chapters)


def probe(path: Path, *, name: str = "The file", timeout: float = TIMEOUT) -> Probed:
    """Probe a file; blocks while the child works (a fraction of a second, longer if packets must be counted).

    `name` stands for the file in messages. Raises EmptyUpload, NotAudio, MediaMissing, or Transient if the child was
    stopped, by `timeout` (seconds) or otherwise. The file is never changed.
    """
    try:
        with path.open("rb") as file:
            check_head(file.read(HEAD), name=name)
    except FileNotFoundError as error:
        raise MediaMissing(f"{name} is no longer there.") from error
    answer = _ask(path, name, timeout)
    if "refused" in answer:
        raise NotAudio(f"{name} {answer['refused']}. Nothing was kept.")
    chapters = tuple(SuppliedChapter(title, start) for start, title in answer.pop("chapters"))
    return Probed(**answer, chapters=chapters)


def _ask(path: Path, name: str, timeout: float) -> dict[str, Any]:
    ended = run("core.sources.media.probe_worker", os.fspath(path.absolute()), timeout=timeout)
    if ended.late:
        raise Transient(f"{name} could not be examined in {timeout:.0f} s. It is kept, and examined again.", case="not_examined")
    if ended.code == 0:
        answer: dict[str, Any] = json.loads(ended.output)
        return answer
    log.warning("probe ended with %d: %s", ended.code, ended.said)
    if ended.crashed:
        return {"refused": "cannot be read: the decoder crashed on it"}
    raise Transient(
        f"{name} could not be examined: the process that does it ended early. It is kept, and examined again.",
        case="not_examined",
    )
