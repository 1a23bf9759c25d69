"""Lines below the episode's title: the transcript's source and how it was checked, and deleted or replaced audio."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core import app
from core.domain.accounts.role import Role
from core.domain.episodes.episode import Episode
from core.domain.episodes.listed import Listed
from core.domain.jobs.job import OPEN, Stage
from core.domain.transcripts.provenance import PUBLISHER, Checked
from pages.shared import actions, formats
from pages.text import t
from pages.visitor import me


def lines(listed: Listed, *, has_audio: bool) -> None:
    _transcript(listed.episode)
    if listed.episode.audio_replaced_at is not None:
        _replaced(listed.episode)
    if listed.episode.audio_dropped_at is not None and not has_audio:
        _audio_gone(listed)


def _transcript(episode: Episode) -> None:
    found = app.current().publisher_extras.provenance(me(), episode.id)
    if found is None:
        return
    engine, checked = found
    if engine.model == PUBLISHER and checked:
        count = len(checked.places)
        said = t("fit.used_one") if count == 1 else t("fit.used", n=count)
        st.caption(f":material/verified: {said}", help=_places(checked))
    elif checked:
        st.caption(f":material/info: {t('fit.unused', why=_why(checked))}", help=_places(checked) or None)


def _why(checked: Checked) -> str:
    return t(f"fit.{checked.misfit}", n=checked.differing, total=len(checked.places))


def _places(checked: Checked) -> str:
    """Return a line for each checked passage."""
    rows = [
        t("fit.place", time=formats.clock(place.start), share=formats.percent(place.share), shift=f"{place.shift:+.1f}")
        for place in checked.places
    ]
    return "  \n".join(rows)


def _audio_gone(listed: Listed) -> None:
    episode = listed.episode
    why = t(f"keep.why.{episode.audio_dropped_why or 'disk'}")
    with st.container(horizontal=True, vertical_alignment="center", key="audio-gone"):
        st.caption(t("keep.gone", date=formats.date(episode.audio_dropped_at or 0.0), why=why), width="content")
        fetching = any(job.stage == Stage.FETCH and job.state in OPEN for job in listed.jobs)
        if episode.enclosure_url and not fetching:
            again = partial(app.current().retention.fetch_again, me(), episode.id)
            actions.button(
                t("keep.fetch_again"),
                again,
                key="fetch-again",
                needs=Role.MEMBER,
                icon=":material/download:",
                done=t("keep.fetching"),
            )


def _replaced(episode: Episode) -> None:
    """Say that the publisher now offers other audio under the same name."""
    when = formats.date(episode.audio_replaced_at or 0.0)
    if episode.fetch_anew_at is not None:
        st.info(t("episode.replaced.coming", date=when), icon=":material/downloading:")
        return
    said = "episode.replaced.here" if episode.heard_other_audio else "episode.replaced"
    st.info(t(said, date=when), icon=":material/published_with_changes:")
    library = app.current().library
    with st.container(horizontal=True, key="replaced"):
        anew, leave = t("episode.replaced.anew"), t("episode.replaced.leave")
        actions.button(
            anew, lambda: library.fetch_anew(me(), episode.id), key="replaced.anew", needs=Role.MEMBER, icon=":material/download:"
        )
        actions.button(
            leave, lambda: library.leave_audio(me(), episode.id), key="replaced.leave", needs=Role.MEMBER, type="tertiary"
        )
