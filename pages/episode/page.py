"""The page of one episode: `?id=7`, `&t=83` to start at a second, `&part=about` to open at a part.

    head ─▶ stages (live, until all is done) ─▶ player: audio, transcript, notes, highlights, own notes, show notes ─▶ dialogs

Elements that appear and vanish while jobs run are in containers of their own above the player, which so keeps its place.
"""

from __future__ import annotations

import math

import streamlit as st

from core import app
from core.domain.episodes.listed import Listed
from core.domain.jobs.job import OPEN, Job, Stage, State
from core.errors import MediaMissing, NotFound
from core.services.library.library import Library
from pages.episode import episode_dialogs, episode_head, provenance
from pages.episode.player.player import PlayerData, player
from pages.episode.stages import stages
from pages.shared import auto_refresh
from pages.text import t
from pages.visitor import me


def show() -> None:
    library = app.current().library
    try:
        listed = library.episode(me(), _asked_for())
    except (NotFound, ValueError):
        _missing()
        return
    with st.container(gap="xsmall"):
        head, under_way, body = st.container(), st.container(), st.container()
    with head:
        episode_head.draw(listed, transcribed=library.transcript_version(me(), listed.episode.id) is not None)
        provenance.lines(listed, has_audio=_has_audio(library, listed.episode.id))
    with under_way:
        _stages(library, listed)
    with body:
        player(_reading(library, listed))
        episode_dialogs.draw(listed.episode)


def _asked_for() -> int:
    """Return the episode id of the URL. Raises ValueError when it has none."""
    return int(st.query_params.get("id", ""))


def _start() -> float | None:
    try:
        seconds = float(st.query_params.get("t", ""))
    except ValueError:
        return None
    return seconds if seconds >= 0 and math.isfinite(seconds) else None


def _missing() -> None:
    st.title(t("episode.missing"), anchor=False)
    st.page_link("library/page.py", label=t("episode.to_library"), icon=":material/arrow_back:")


def _stages(library: Library, listed: Listed) -> None:
    episode_id = listed.episode.id
    seen = _signature(library, listed)

    def draw() -> None:
        now = library.episode(me(), episode_id)
        if _signature(library, now) != seen:
            st.rerun()
        if library.transcript_version(me(), episode_id) is None or any(job.state is not State.DONE for job in now.jobs):
            stages(now)

    def every() -> float | None:
        jobs = library.episode(me(), episode_id).jobs
        return auto_refresh.interval({state: sum(job.state == state for job in jobs) for state in OPEN})

    auto_refresh.follow(draw, every)


def _signature(library: Library, listed: Listed) -> object:
    """Return the state that the rest of the page was drawn from: when it changes, the whole page reruns."""
    version = library.notes(me(), listed.episode.id)
    return (
        listed.episode.updated_at,
        library.transcript_version(me(), listed.episode.id),
        version.id if version else None,
        len(library.partial(me(), listed.episode.id)) if _transcribing(listed) else 0,
        # Better notes that wait are tried again every half minute: no reason to draw the page anew.
        [(job.stage, job.state, job.cancel_requested) for job in listed.jobs if job is not listed.waiting_notes],
    )


def _transcribing(listed: Listed) -> bool:
    return any(job.stage == Stage.TRANSCRIBE and job.state in OPEN for job in listed.jobs)


def _reading(library: Library, listed: Listed) -> PlayerData:
    episode_id = listed.episode.id
    transcribing = _transcribing(listed)
    return PlayerData(
        episode=listed.episode,
        has_audio=_has_audio(library, episode_id),
        position=listed.reading.position,
        feed_title=listed.feed_title,
        transcript_version=library.transcript_version(me(), episode_id),
        partial=library.partial(me(), episode_id) if transcribing else (),
        notes=library.notes(me(), episode_id),
        notes_versions=len(app.current().note_versions.versions(me(), episode_id)),
        held_back=app.current().note_versions.held_back(me(), episode_id),
        notes_job=_notes_job(listed),
        start=_start(),
        part=st.query_params.get("part"),
        transcribing=transcribing,
        speech=library.speech(me(), episode_id),
        speech_job=next((job for job in listed.jobs if job.stage == Stage.TRANSCRIBE), None),
    )


def _notes_job(listed: Listed) -> Job | None:
    """Return the job of the notes; not one that waits without having been asked for: a line under the title says that."""
    job = next((job for job in listed.jobs if job.stage == Stage.SUMMARISE), None)
    return None if job and job is listed.waiting_notes and listed.notes_engine == "extractive" else job


def _has_audio(library: Library, episode_id: int) -> bool:
    try:
        library.media(me(), episode_id)
    except (NotFound, MediaMissing):
        return False
    return True


show()
