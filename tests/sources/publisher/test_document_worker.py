"""The confined process that parses a publisher's document: the kind that was asked for, and no other."""

from __future__ import annotations

import json

import pytest

from core.domain.episodes.publisher_extras import Chapters, SuppliedTranscript
from core.errors import UserError
from core.sandbox import run
from core.sources.publisher import document_worker
from core.sources.publisher.document_worker import read
from tests.sources.publisher.test_document import CHAPTERS, URL, VTT


def asked(kind: str) -> dict[str, object]:
    return {"kind": kind, "url": URL, "media_type": "text/vtt", "language": "en", "people": ["Ann Lee"]}


def test_the_kind_that_was_asked_for_decides_how_it_is_read() -> None:
    found = read(CHAPTERS, asked("chapters"))
    assert isinstance(found, Chapters) and [item.title for item in found.items] == ["One", "Two"]
    heard = read(VTT, asked("transcript"))
    assert isinstance(heard, SuppliedTranscript) and [s.speaker for s in heard.segments] == ["Ann", "Bob"]


@pytest.mark.parametrize(
    ("body", "kind"), [(VTT, "chapters"), (b"", "chapters"), (b"\xff\xfe", "transcript"), (b"[]", "transcript")]
)
def test_one_of_another_kind_is_refused(body: bytes, kind: str) -> None:
    with pytest.raises(UserError, match="left out"):
        read(body, asked(kind))


def test_the_process_says_why_with_a_status_of_its_own() -> None:
    given = (json.dumps(asked("chapters")).encode() + b"\n", b"no chapters")
    ended = run("core.sources.publisher.document_worker", given=given, timeout=60.0)
    assert ended.code == document_worker.REFUSED and b"left out" in ended.output and b"secret" not in ended.output
