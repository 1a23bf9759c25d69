"""Uploads as the routes ask for them: one call from bytes to an episode."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from core.domain.accounts.actor import OWNER
from core.errors import Conflict, NotAudio, NotFound, TooLarge
from core.services.ingest.uploads import Uploads
from tests.runner_fixture import Rig
from tests.sources.samples import SAMPLES

WAV = (SAMPLES / "en_short.wav").read_bytes()
BOUNDARY = "frontier"


async def stream(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def form(data: bytes, **fields: str) -> bytes:
    parts = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in fields.items()]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="talk.wav"\r\n\r\n'.encode()
    return b"".join([*parts, head, data, f"\r\n--{BOUNDARY}--\r\n".encode()])


@pytest.fixture
def uploads(rig: Rig) -> Uploads:
    return Uploads(rig.ingest)


def test_a_form_becomes_an_episode_and_the_same_bytes_are_the_one_that_is_there(uploads: Uploads) -> None:
    async def send(**fields: str) -> tuple[str, str | None, bool]:
        row, new = await uploads.receive(OWNER, stream(form(WAV, **fields)), f"multipart/form-data; boundary={BOUNDARY}")
        return row.episode.title, row.episode.language, new

    assert asyncio.run(send(title="A talk", language="en", unknown="x")) == ("A talk", "en", True)
    assert asyncio.run(send(title="Again")) == ("A talk", "en", False)


def test_an_upload_in_pieces_is_an_episode_with_its_last_byte(uploads: Uploads) -> None:
    async def send() -> None:
        upload = await uploads.begin(OWNER, len(WAV), {"filename": "../talk.wav"}, stream(WAV[:1000]))
        assert (upload.offset, upload.filename, upload.outcome) == (1000, "talk.wav", None)
        assert [(each.id, active) for each, active in uploads.listing(OWNER)] == [(upload.id, False)]
        whole = await uploads.append(OWNER, upload.id, 1000, stream(WAV[1000:5000], WAV[5000:]))
        assert whole.outcome is not None and whole.outcome.created
        assert (await uploads.look(OWNER, upload.id)).outcome == whole.outcome
        assert uploads.listing(OWNER) == []

    asyncio.run(send())


def test_one_that_is_not_as_far_is_refused_and_keeps_what_it_has(uploads: Uploads) -> None:
    async def send() -> None:
        upload = await uploads.begin(OWNER, len(WAV), {})
        with pytest.raises(Conflict):
            await uploads.append(OWNER, upload.id, 7, stream(WAV))
        assert (await uploads.look(OWNER, upload.id)).offset == 0

    asyncio.run(send())


def test_of_a_cancelled_one_nothing_is_left(uploads: Uploads) -> None:
    async def send() -> None:
        upload = await uploads.begin(OWNER, len(WAV), {}, stream(WAV[:1000]))
        await uploads.cancel(OWNER, upload.id)
        with pytest.raises(NotFound):
            await uploads.look(OWNER, upload.id)

    asyncio.run(send())
    assert uploads.listing(OWNER) == []


def test_what_is_no_audio_or_too_much_is_refused(uploads: Uploads) -> None:
    with pytest.raises(NotAudio):
        asyncio.run(
            uploads.receive(OWNER, stream(form(b"words, and no sound\n" * 50)), f"multipart/form-data; boundary={BOUNDARY}")
        )
    with pytest.raises(TooLarge):
        asyncio.run(uploads.begin(OWNER, uploads.most_bytes(OWNER) + 1, {}))
    assert uploads.listing(OWNER) == []
