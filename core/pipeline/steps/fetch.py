"""Fetch: the audio of an episode, and the chapters and transcripts that its feed offers.

enclosure ─download─▶ .part ─probe─▶ media/<sha256>   (for an upload, only its presence is checked)
an address that turns out to be a web page ─page─▶ .part, with the page's title, description and chapters
the feed's chapters and transcript ─▶ Outcomes, none of which can fail the episode
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from core import errors
from core.domain.episodes.episode import Episode, MediaInfo, Source
from core.domain.episodes.publisher_extras import Chapters, Offer, OfferOutcome, Origin
from core.domain.jobs.job import Job, Stage
from core.files import partial_files
from core.files.partial_files import GIGABYTE, title_of_address
from core.files.stored_names import is_there
from core.pipeline.step import Need, Step, StepContext, StepInput
from core.settings import Settings
from core.sources.media import download, probe, web_page
from core.sources.media.web_page import About
from core.sources.publisher.fetch import fetch_all
from core.store.db.sqlite import Database
from core.store.jobs import jobs
from core.store.library import episodes, publisher_extras
from core.transactions.merge_episodes import merge
from core.transactions.publisher_extras import keep


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchInput(StepInput):
    """`offers` are the feed's offers that were not tried yet; `min_free_bytes` is the free disk space to keep."""

    offers: tuple[Offer, ...] = ()
    min_free_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Fetched:
    """The audio is in the data folder at `media_path`. `info` is None if it was probed before; `publisher_extras` are the
    outcomes of the feed's other offers; `page` describes the web page on which the audio was found.
    """

    media_path: str
    info: MediaInfo | None = None
    publisher_extras: tuple[OfferOutcome, ...] = ()
    page: About | None = None


class Fetch(Step):
    name: ClassVar[str] = Stage.FETCH.value
    needs: ClassVar[frozenset[Need]] = frozenset({Need.NET})
    lanes: ClassVar[int] = 2
    credentials: ClassVar[bool] = True
    input: ClassVar[type[StepInput]] = FetchInput
    values: ClassVar[tuple[type, ...]] = (Fetched,)

    def inputs(self, db: Database, job: Job, *, settings: Settings, now: float) -> FetchInput:
        return FetchInput(
            job=job,
            episode=episodes.get(db, job.episode_id),
            offers=tuple(publisher_extras.untried(db, job.episode_id)),
            min_free_bytes=int(settings.min_free_gb * GIGABYTE),
        )

    def run(self, given: FetchInput, ctx: StepContext) -> Fetched:
        fetched = _fetch_audio(given, ctx)
        episode = given.episode
        outcomes = fetch_all(
            given.offers,
            ctx.resources.fetcher,
            language=episode.spoken_language or episode.language,
            check=ctx.check,
            credentials=given.credentials,
            people=[person.name for person in episode.people],
        )
        return replace(fetched, publisher_extras=tuple(outcomes))

    def save(self, db: Database, job: Job, value: Fetched, *, now: float) -> None:
        if merge(db, job, value.media_path, value.info, now=now):
            return  # the job was deleted with its episode
        before = episodes.get(db, job.episode_id)
        episodes.change(db, job.episode_id, _media_columns(value), now=now)
        if before.fetch_anew_at and value.info:
            _take_anew(db, job, before, value.info, now=now)
        elif value.info and before.heard_sha256 not in (None, value.info.sha256):
            # Audio that was deleted came back changed, even if address and length are those in the feed.
            episodes.note_replaced(db, [job.episode_id], now=now)
        if value.info and value.info.chapters:
            publisher_extras.save(db, job.episode_id, Origin.FILE, Chapters(value.info.chapters), now=now)
        if value.page:
            _take_from_page(db, job.episode_id, value.page, now=now)
        if value.info and before.source is Source.ADDRESS:
            _take_from_file(db, episodes.get(db, job.episode_id), value.info, now=now)
        if value.publisher_extras:
            keep(db, job.episode_id, value.publisher_extras, now=now)

    def patient(self, db: Database, job: Job) -> bool:
        episode = episodes.find(db, job.episode_id)
        return episode is not None and episode.source is Source.FEED


# --- fetching -----------------------------------------------------------------------------------------


def _fetch_audio(given: FetchInput, ctx: StepContext) -> Fetched:
    episode, data = given.episode, ctx.resources.data
    anew = episode.fetch_anew_at is not None
    if episode.media_path and not anew and is_there(data, episode.media_path):
        return Fetched(episode.media_path)
    if not episode.enclosure_url:
        raise errors.MediaMissing(
            f"The audio file {episode.media_path} is no longer in the data folder, and there is no address to fetch it from. "
            "Put it back, or delete the episode."
        )
    media = data / "media"
    media.mkdir(parents=True, exist_ok=True)
    part = media / download.part_name(episode.id)
    partial_files.check_space(media, given.min_free_bytes, episode.enclosure_bytes or 0)
    size, sha256, about = _into_part(given, ctx, part)
    try:
        probed = probe.probe(part, name=episode.title)
    except errors.UserError:
        partial_files.discard(part)
        raise
    kept = partial_files.keep(part, media, sha256, probed.suffix)
    partial_files.discard(part)
    return Fetched(kept, probed.info(bytes=size, sha256=sha256), page=about)


def _into_part(given: FetchInput, ctx: StepContext, part: Path) -> tuple[int, str, About | None]:
    """Download into the part; return its length, its hash, and the description of the web page on which it was found."""
    episode, url = given.episode, given.episode.enclosure_url or ""
    least, on_progress = given.min_free_bytes, _progress(ctx)
    had = partial_files.size_of(part)
    try:
        got = download.download(
            url,
            part,
            fetcher=ctx.resources.fetcher,
            on_progress=on_progress,
            check=ctx.check,
            min_free_bytes=least,
            expected_bytes=episode.enclosure_bytes,
            credentials=given.credentials,
        )
    except errors.CastMindError as error:
        if partial_files.size_of(part) > had:
            ctx.got_further()
        if episode.source is not Source.ADDRESS or not web_page.is_page(error):
            raise
    else:
        return got.bytes, got.sha256, None
    backend = ctx.resources.fetcher.backend
    about = web_page.fetch(url, part, backend=backend, on_progress=on_progress, check=ctx.check, min_free_bytes=least)
    return part.stat().st_size, partial_files.sha256_of(part), about


def _progress(ctx: StepContext) -> download.OnProgress:
    def progress(done: int, total: int | None) -> None:
        share = done / total if total else 0.0
        ctx.report(min(share, 1.0), {"phase": "fetching", "done_bytes": done, "total_bytes": total or 0})

    return progress


# --- saving -------------------------------------------------------------------------------------------


def _take_anew(db: Database, job: Job, before: Episode, info: MediaInfo, *, now: float) -> None:
    """Transcribe replaced audio again; the old transcript stays readable until the new one replaces it."""
    episodes.change(db, job.episode_id, {"audio_replaced_at": None, "fetch_anew_at": None}, now=now)
    if info.sha256 != (before.heard_sha256 or before.sha256):
        jobs.enqueue(db, job.episode_id, priority=job.priority, now=now)
        jobs.rerun(db, job.episode_id, Stage.TRANSCRIBE, priority=job.priority, afresh=True)


def _media_columns(fetched: Fetched) -> dict[str, Any]:
    columns: dict[str, Any] = {"media_path": fetched.media_path, "audio_dropped_at": None, "audio_dropped_why": None}
    if fetched.info:
        columns |= {
            "media_type": fetched.info.media_type,
            "bytes": fetched.info.bytes,
            "sha256": fetched.info.sha256,
            "duration": fetched.info.duration,
        }
    return columns


def _take_from_file(db: Database, before: Episode, info: MediaInfo, *, now: float) -> None:
    """Store what the file says of itself, where nothing else is known: a title set by the user stays."""
    said = info.said.columns() | ({"people": None} if before.people else {})
    columns = {name: value for name, value in said.items() if value is not None and not getattr(before, name)}
    if info.said.title and before.title == title_of_address(before.enclosure_url or ""):
        columns["title"] = info.said.title
    episodes.change(db, before.id, columns, now=now)


def _take_from_page(db: Database, episode_id: int, about: About, *, now: float) -> None:
    """Store the page's description; a title set by the user stays."""
    episode = episodes.get(db, episode_id)
    named = {"title": about.title} if about.title and episode.title == title_of_address(episode.enclosure_url or "") else {}
    columns = {
        "offered_title": about.title or None,
        "description": about.description,
        "published_at": about.published_at,
        "link": about.link,
        "image_url": about.image_url,
    }
    episodes.change(db, episode_id, columns | named, now=now)
    if about.chapters:
        publisher_extras.save(db, episode_id, Origin.PUBLISHER, Chapters(about.chapters), now=now)
