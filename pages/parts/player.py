"""The synced player: audio, notes and transcript in one component, so that a click on a time moves the sound without a rerun.

    page ─ data: notes, texts, addresses ─▶ component ◀─ fetch ─ /api/v1/episodes/{id}/audio, …/transcript?v=<version>

The transcript goes by address and version, not through data: hours of it would be sent again with every rerun. The component
must stay below containers that are always there: an element that comes or goes above it mounts it anew and stops the sound.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from core.domain.episode import Episode
from core.domain.note import Notes
from core.domain.transcript import Segment
from core.store.notes import Version
from pages.parts import formats
from pages.text import t

_HERE = Path(__file__).parent
# One module to the browser; the file with the default export comes last.
_SCRIPTS = ("player_page.js", "player_bar.js", "player_transcript.js", "player_notes.js", "player.js")

_component = st.components.v2.component(
    "castmind_player",
    js="\n".join((_HERE / name).read_text(encoding="utf-8") for name in _SCRIPTS),
    css=(_HERE / "player.css").read_text(encoding="utf-8"),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What there is to hear and read. `start` is where to begin, in seconds; None is where the listener left off.

    `transcript_version` is None while there is no whole transcript; `partial` is what is there of it.
    """

    episode: Episode
    has_audio: bool
    transcript_version: float | None = None
    partial: tuple[Segment, ...] = ()
    notes: Version | None = None
    start: float | None = None
    transcribing: bool = False


def player(reading: Reading) -> None:
    """Draws the player. It keeps playing through reruns of the page, for its key is that of the episode."""
    # In a list: a dictionary would be searched for data frames, and that loads pandas for good.
    _component(key=f"player-{reading.episode.id}", data=[data(reading)])


def data(reading: Reading) -> dict[str, Any]:
    """What the component is given, as JSON types."""
    episode, version = reading.episode, reading.transcript_version
    base = f"/api/v1/episodes/{episode.id}"
    return {
        "id": episode.id,
        "audio": f"{base}/audio" if reading.has_audio else None,
        "duration": episode.duration,
        "start": reading.start,
        "transcript": None if version is None else f"{base}/transcript?format=json&v={version}",
        "partial": _rows(reading.partial) if version is None else [],
        "language": episode.language,
        "notes": notes_data(reading.notes.notes) if reading.notes else None,
        "notes_version": reading.notes.id if reading.notes else None,
        "text": _texts(reading),
    }


def _rows(segments: Iterable[Segment]) -> list[dict[str, Any]]:
    # Windows count their sentences each from 0; within the page an id stands for one sentence.
    return [segment.to_dict(words=False) | {"id": index} for index, segment in enumerate(segments)]


def notes_data(notes: Notes) -> dict[str, Any]:
    """Notes for the component: the parts with their places in the audio, and one line that says what they are worth."""
    return {
        "gist": notes.tldr,
        "label": label(notes),
        "language": notes.language,
        "points": [asdict(point) for point in notes.points],
        "chapters": [asdict(chapter) for chapter in notes.chapters],
        "terms": [asdict(term) for term in notes.terms],
        "actions": [asdict(action) for action in notes.actions],
    }


def label(notes: Notes) -> str:
    """Who wrote the notes, how much of the transcript was read, and how many quotes were found in it."""
    parts = [
        t("player.by_model", model=notes.model or "Ollama") if notes.engine == "ollama" else t("player.extractive"),
        t("player.coverage", share=formats.percent(notes.coverage)),
    ]
    if notes.points:
        found = sum(point.verified for point in notes.points)
        parts.append(t("player.verified", found=found, total=len(notes.points), share=formats.percent(notes.verified_share)))
    return " · ".join(parts)


def _texts(reading: Reading) -> dict[str, str]:
    return {
        "player": t("player.player"),
        "play": t("player.play"),
        "pause": t("player.pause"),
        "back": t("player.back"),
        "ahead": t("player.ahead"),
        "position": t("player.position"),
        "speed": t("player.speed"),
        "play_from": t("player.play_from"),
        "follow": t("player.follow"),
        "notes": t("player.notes"),
        "transcript": t("player.transcript"),
        "points": t("player.points"),
        "chapters": t("player.chapters"),
        "terms": t("player.terms"),
        "actions": t("player.actions"),
        "unverified": t("player.unverified"),
        "loading": t("player.loading"),
        "partial": t("player.partial"),
        "silence": t("player.silence"),
        "audio_trouble": t("player.audio_trouble"),
        "transcript_trouble": t("player.transcript_trouble"),
        "no_transcript": t("player.transcribing") if reading.transcribing else t("player.no_transcript"),
        "no_notes": t("player.no_notes"),
    }
