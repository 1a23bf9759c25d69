"""Episodes: add by upload or address, list, read, change, delete, retry, cancel.

POST /episodes   stream ─▶ Uploads.receive (disk, hash, type, episode) ─▶ 201, or 200: these bytes exist
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from core.api import bounds, schemas
from core.api.asking import Asking
from core.api.bounds import Id, Language, ModelName, Words
from core.api.contract import told
from core.api.json_answers import answer
from core.api.services import Services
from core.api.stage_name import Stage
from core.domain.episodes.episode import Filter, Sort
from core.domain.jobs.job import State
from core.services.ingest.uploads import FIELDS

CLIENT_CLOSED = 499
UPLOAD_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        **{name: {"type": "string"} for name in FIELDS},
                    },
                }
            }
        },
    },
    "responses": {"200": {"description": "The episode that has these bytes already"}},
}

Text = Annotated[str, Field(min_length=1, max_length=500)]


class Address(BaseModel):
    url: bounds.Address
    title: Text | None = None


class EpisodeChange(BaseModel):
    """What the user wants for this episode; null goes back to the settings. Left out: unchanged."""

    model_config = ConfigDict(extra="forbid")

    title: Text = ""
    language: Language | None = None
    model: ModelName | None = None
    notes_language: Language | None = None
    notes_model: ModelName | None = None


class Wish(BaseModel):
    """What to transcribe with; null is what the episode or the settings say."""

    language: Language | None = None
    model: ModelName | None = None
    publisher_transcript: Literal["prefer", "never"] | None = None


class Position(BaseModel):
    seconds: Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)]


class Wanted(BaseModel):
    """What of the library is meant; what is left out does not narrow it. `tag` is a tag's id, `q` is looked for in titles."""

    feed_id: Id | None = None
    state: State | None = None
    tag: Id | None = None
    language: Language | None = None
    unread: bool | None = None
    starred: bool | None = None
    started: bool = False
    inbox: bool = False
    q: Words = ""
    deleted: bool = False

    def filter(self) -> Filter:
        return Filter(text=self.q, **self.model_dump(exclude={"q"}))


class Span(BaseModel):
    """[start, end) of the audio, in seconds."""

    start: Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)]
    end: Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)]


class Unheard(BaseModel):
    """What to hear again, and with which model. Null spans are all of the speech without words (of very many, the longest);
    a null model is the next larger one than the transcript's."""

    spans: Annotated[list[Span], Field(min_length=1)] | None = None
    model: Annotated[str, Field(min_length=1, max_length=500)] | None = None


class OneStage(BaseModel):
    """Left out: the stage that needs it."""

    stage: Stage | None = None


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["episodes"])
    library, ingest, trash = services.library, services.ingest, services.trash

    @api.post("/episodes", status_code=201, responses=told(413, 415), openapi_extra=UPLOAD_FORM)
    async def add(actor: Asking, request: Request) -> Response:
        """Multipart `file` (+ `title`, `language`, `model`), streamed to disk. The same bytes again give 200 and the
        episode that has them."""
        try:
            length = request.headers.get("content-length", "")
            row, created = await services.uploads.receive(
                actor, request.stream(), request.headers.get("content-type", ""), int(length) if length.isdecimal() else None
            )
        except ClientDisconnect:
            return Response(status_code=CLIENT_CLOSED)  # the client has gone; the part is deleted
        location = str(request.url_for("one_episode", episode_id=row.episode.id).path)
        return JSONResponse(schemas.episode(row), 201 if created else 200, {"Location": location})

    @api.post("/episodes/sample", status_code=201)
    def add_sample(actor: Asking) -> dict[str, Any]:
        """The bundled recording, transcribed by the bundled model; the episode that is there when it was added before."""
        return schemas.episode(ingest.add_sample(actor))

    @api.post("/episodes/import", status_code=201)
    def add_address(actor: Asking, body: Address) -> schemas.Json:
        """An audio file by its address, or where that extra is installed a page that plays one; it is fetched by the queue."""
        return schemas.episode(ingest.import_address(actor, body.url, title=body.title))

    @api.get("/episodes", response_model=schemas.Json, responses=told(304))
    def listing(
        actor: Asking,
        request: Request,
        wanted: Annotated[Wanted, Depends(Wanted)],
        sort: Sort = Sort.NEWEST,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: str | None = None,
        count: bool = False,
    ) -> Response:
        """A page; `next_cursor` is null on the last one. `count=true` adds `total`. `deleted=true` lists the trash."""
        chosen = wanted.filter()
        page = library.listing(actor, chosen, sort=sort, limit=limit, cursor=cursor)
        found: schemas.Json = {"items": [schemas.episode(row) for row in page.items], "next_cursor": page.next_cursor}
        return answer(request, {**found, "total": library.count(actor, chosen)} if count else found)

    @api.get("/episodes/unfinished")
    def unfinished(actor: Asking, limit: Annotated[int, Query(ge=1, le=100)] = 10) -> schemas.Json:
        """What the listener stopped in the middle of, the last played first."""
        return {"items": [schemas.episode(row) for row in library.unfinished(actor, limit)]}

    @api.get("/episodes/{episode_id}", name="one_episode", response_model=schemas.Json, responses=told(304))
    def one(actor: Asking, request: Request, episode_id: Id) -> Response:
        return answer(request, schemas.episode(library.episode(actor, episode_id)))

    @api.patch("/episodes/{episode_id}")
    def change(actor: Asking, episode_id: Id, body: EpisodeChange) -> schemas.Json:
        return schemas.episode(library.update(actor, episode_id, **body.model_dump(exclude_unset=True)))

    @api.delete("/episodes/{episode_id}", status_code=204)
    def delete(actor: Asking, episode_id: Id, now: bool = False) -> None:
        """Moves it to the trash, from where it can be restored for a week; `now=true` removes it for good."""
        library.episode(actor, episode_id)
        (trash.purge if now else trash.delete)(actor, [episode_id])

    @api.post("/episodes/{episode_id}/restore")
    def restore(actor: Asking, episode_id: Id) -> schemas.Json:
        """Out of the trash; nothing happens to one that is not in it."""
        library.episode(actor, episode_id)
        trash.restore(actor, [episode_id])
        return schemas.episode(library.episode(actor, episode_id))

    @api.put("/episodes/{episode_id}/position", status_code=204)
    def position(actor: Asking, episode_id: Id, body: Position) -> None:
        """Where the listener is. At its end an episode is marked as read and begins anew."""
        library.set_position(actor, episode_id, body.seconds)

    @api.post("/episodes/{episode_id}/transcribe")
    def transcribe(actor: Asking, episode_id: Id, body: Wish | None = None) -> schemas.Json:
        """Asks for all stages, before what goes by itself."""
        wish = body or Wish()
        return schemas.episode(library.transcribe(actor, episode_id, **wish.model_dump()))

    @api.post("/episodes/{episode_id}/hear-again", status_code=202)
    def hear_again(actor: Asking, episode_id: Id, body: Unheard | None = None) -> schemas.Json:
        """Hears speech that has no words again, in the queue. What is found is put where the transcript has nothing; what it
        has stays, also when this is cancelled (`cancel`, stage transcribe) or fails. Which spans there are is said by the
        transcript's `speech`."""
        wish = body or Unheard()
        spans = None if wish.spans is None else [(span.start, span.end) for span in wish.spans]
        return schemas.episode(library.hear_again(actor, episode_id, spans, wish.model))

    @api.post("/episodes/{episode_id}/fetch-anew", status_code=202)
    def fetch_anew(actor: Asking, episode_id: Id) -> schemas.Json:
        """Fetches the audio that the publisher put in the place of what is here (`audio_replaced_at`). Other bytes are
        transcribed; until that is done the old audio, transcript and notes stay."""
        return schemas.episode(library.fetch_anew(actor, episode_id))

    @api.post("/episodes/{episode_id}/leave-audio")
    def leave_audio(actor: Asking, episode_id: Id) -> schemas.Json:
        """Keeps what is here; `audio_replaced_at` goes."""
        return schemas.episode(library.leave_audio(actor, episode_id))

    @api.post("/episodes/{episode_id}/retry")
    def retry(actor: Asking, episode_id: Id, body: OneStage | None = None) -> schemas.Json:
        return schemas.episode(library.retry(actor, episode_id, (body or OneStage()).stage))

    @api.post("/episodes/{episode_id}/cancel")
    def cancel(actor: Asking, episode_id: Id, body: OneStage | None = None) -> schemas.Json:
        return schemas.episode(library.cancel(actor, episode_id, (body or OneStage()).stage))

    return api
