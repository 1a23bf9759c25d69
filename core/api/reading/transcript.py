"""GET …/transcript in eight formats. JSON carries an ETag of the transcript's version and is compressed when asked.

finished ─▶ the transcript, 304 if the client has that version
in progress ─▶ JSON only: the segments committed so far, `partial: true`, never cached
neither ─▶ 404
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from core.api import schemas
from core.api.asking import Asking
from core.api.attachment import disposition
from core.api.bounds import Id
from core.api.contract import told
from core.api.json_answers import answer
from core.api.library.exports import page_address
from core.api.services import Services
from core.domain.accounts.actor import Actor
from core.domain.episodes.export_form import Form
from core.domain.jobs.job import OPEN, Stage
from core.errors import NotFound


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["episodes"])
    library = services.library

    def finished(actor: Actor, request: Request, episode_id: int, version: float, words: bool) -> Response:
        etag = f'"{version:.6f}{"" if words else "-plain"}"'
        # Compressed and plain bytes share the tag, so it is weak.
        headers = {"ETag": f"W/{etag}", "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        found = library.transcript(actor, episode_id, words=words)
        if found is None:
            raise _none(episode_id)
        return answer(request, schemas.transcript(found, words=words, version=version), headers)

    def being_made(actor: Actor, request: Request, episode_id: int, words: bool) -> Response:
        row = library.episode(actor, episode_id)
        if not any(job.stage == Stage.TRANSCRIBE and job.state in OPEN for job in row.jobs):
            raise _none(episode_id)
        body = schemas.partial_transcript(library.partial(actor, episode_id), duration=row.episode.duration, words=words)
        return answer(request, body, {"Cache-Control": "no-store", "Vary": "Accept-Encoding"})

    @api.get("/episodes/{episode_id}/transcript", response_class=Response, responses=told(304))
    def transcript(
        actor: Asking, request: Request, episode_id: Id, format: Form = Form.JSON, words: bool = True, download: bool = False
    ) -> Response:
        """`{language, duration, speech, segments: [{id, start, end, text, speaker, words?, language?}]}`, seconds; a word is
        `[start, end, text, probability]`. `speech` says how much of what was spoken has words: `{share, speech_seconds,
        heard_seconds, heard_again_seconds, dropped_seconds, unclear_seconds, spans: [{start, end, fate, why, channel?}]}`, the
        spans being those without words; null where nobody listened for that. While it is being transcribed JSON gives what
        is there, with `partial: true`."""
        title = library.title(actor, episode_id)
        if format is not Form.JSON:
            headers = {"Cache-Control": "private, no-cache", **disposition(title, f".{format.value}", download=download)}
            if policy := services.exports.policy(actor, format):
                headers["Content-Security-Policy"] = policy
            content = services.exports.write(actor, episode_id, format, page=page_address(request))
            return Response(content, headers=headers, media_type=services.exports.media_type(actor, format))
        version = library.transcript_version(actor, episode_id)
        response = (
            being_made(actor, request, episode_id, words)
            if version is None
            else finished(actor, request, episode_id, version, words)
        )
        if download:
            response.headers.update(disposition(title, ".json", download=True))
        return response

    return api


def _none(episode_id: int) -> NotFound:
    return NotFound(f"Episode {episode_id} has no transcript yet.", id=episode_id, case="no_transcript")
