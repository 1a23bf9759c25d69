"""The synced player: audio, notes, transcript and the reader's own material, in one component that never waits for a rerun.

    page ─ data: notes, texts, URLs ─▶ component ◀─ fetch ─ /api/v1/episodes/{id}/audio, …/transcript?v=<version>
                                                │ edits, highlights, remarks, own notes, positions ──▶ HTTP API
                                                └─ trigger `changed`: another notes version is current or queued ─▶ rerun

The transcript is fetched by URL and version, not passed in data: hours of it would be sent again with every rerun. The audio
element belongs to the window (shared/sound.js), so playback continues when this component is remounted or the reader leaves.

    shared/page     elements, messages, calls to the API          text     offsets, ranges, folding
    shared/sound    the one <audio> of the window                 bar, timeline, waveform, player_keys     its controls
    transcript, find, edit, selection                             notes, again, versions, comparison
                                                                  publisher_extras, highlights, own_notes, about, spoken
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from core.domain.episodes.episode import Episode
from core.domain.jobs.job import Job, State
from core.domain.notes.note import Notes, Verdict, Version
from core.domain.transcripts.hearing_again import larger_model, unheard
from core.domain.transcripts.spoken import coverage
from core.domain.transcripts.transcript import Segment
from core.services.library.library import Speech
from core.services.reading import publisher_text
from core.services.reading.note_versions import HeldBack
from pages.episode.episode_dialogs import SPEECH_MODELS
from pages.episode.people import credits
from pages.shared import formats
from pages.shared.component_source import SOUND, SOUND_CONTROLS, source
from pages.text import error_texts, language, t, texts
from pages.text.spoken_languages import LANGUAGES

_SCRIPTS = (
    "shared/page.js",
    "text.js",
    *SOUND,
    *SOUND_CONTROLS,
    "waveform.js",
    "timeline.js",
    "bar.js",
    "transcript.js",
    "find.js",
    "edit.js",
    "selection.js",
    "highlights.js",
    "comparison.js",
    "versions.js",
    "again.js",
    "notes.js",
    "markdown.js",
    "publisher_extras.js",
    "own_notes.js",
    "about.js",
    "dialogs.js",
    "spoken.js",
    "player_keys.js",
    "player.js",
)

# Notes that read less of the transcript are not listed: the job that wrote them reports that.
_HELD_BACK = {Verdict.TOO_WEAK: "player.too_weak", Verdict.OUTDONE: "player.outdone"}

_component = st.components.v2.component(
    "castmind_player",
    js=source(__file__, *_SCRIPTS),
    css=source(__file__, "shared/messages.css", "shared/menu.css", "player.css"),
)


@dataclass(frozen=True, slots=True)
class PlayerData:
    """The player's material. `start` is the position to begin at, in seconds; None continues where the listener left off.

    `part` is the part to open first: notes, highlights, own, about, or the publisher's transcript ("publisher"). `position`
    (seconds) is where the visitor stopped. `transcript_version` is None until the transcript is complete; `partial` holds its
    segments so far. `notes_versions` counts the versions of the notes, `notes_job` is the job that writes the next one,
    `held_back` newer ones that could not replace them. `speech` accounts for each span of speech, `speech_job` is the job that
    writes the transcript.
    """

    episode: Episode
    has_audio: bool
    position: float = 0.0
    feed_title: str | None = None
    transcript_version: float | None = None
    partial: tuple[Segment, ...] = ()
    notes: Version | None = None
    notes_versions: int = 0
    notes_job: Job | None = None
    held_back: HeldBack | None = None
    start: float | None = None
    part: str | None = None
    transcribing: bool = False
    speech: Speech | None = None
    speech_job: Job | None = None


def player(reading: PlayerData) -> None:
    """Draw the player. Its state survives reruns of the page, because its key is derived from the episode."""
    # In a list: Streamlit would search a dictionary for data frames, and that loads pandas for good.
    _component(key=f"player-{reading.episode.id}", data=[data(reading)], on_changed_change=lambda: None)


def data(reading: PlayerData) -> dict[str, Any]:
    """Return the component's data, as JSON types."""
    episode, version = reading.episode, reading.transcript_version
    base = f"/api/v1/episodes/{episode.id}"
    return {
        "id": episode.id,
        "title": episode.title,
        "feed": reading.feed_title,
        "page": f"/episode?id={episode.id}",
        "audio": f"{base}/audio" if reading.has_audio else None,
        "duration": episode.duration,
        "start": reading.start,
        "part": reading.part,
        "position": reading.position,
        "transcript": None if version is None else f"{base}/transcript?format=json&v={version}",
        "partial": _rows(reading.partial) if version is None else [],
        "language": episode.language,
        "notes": notes_data(reading.notes.notes, reading.held_back) if reading.notes else None,
        "notes_version": reading.notes.id if reading.notes else None,
        "notes_versions": reading.notes_versions,
        "notes_job": _under_way(reading.notes_job),
        "speech": speech_data(reading.speech, reading.speech_job) if reading.speech else None,
        "wishes": {"model": episode.notes_model, "language": episode.notes_language},
        "languages": LANGUAGES,
        "show_notes": publisher_text.plain_text(episode.description),
        "link": publisher_text.link(episode.link),
        "credits": credits(episode),
        "interface": language(),
        "text": _texts(reading),
    }


def speech_data(speech: Speech, job: Job | None) -> dict[str, Any]:
    """Return the share of speech with words, the spans without, those queued for another pass, and the models to choose from."""
    models = [*SPEECH_MODELS, speech.model]
    detail = job.detail if job and "asked" in job.detail else None
    return {
        "share": coverage(speech.spoken).share,
        "spans": [
            {"start": s.start, "end": s.end, "why": t(f"unclear.{s.why}") if s.why else ""} for s in unheard(speech.spoken)
        ],
        "models": list(dict.fromkeys(models)),
        "larger": larger_model(speech.model),
        "again": [{"start": wish.start, "end": wish.end} for wish in speech.again],
        "job": _under_way(job),
        "result": {"found": detail["found"], "asked": detail["asked"]} if detail else None,
    }


def _under_way(job: Job | None) -> dict[str, Any] | None:
    """Return the state of the job that writes notes or a transcript; None once it is done."""
    if job is None or job.state is State.DONE:
        return None
    return {"state": job.state.value, "cancelling": job.cancel_requested}


def _rows(segments: Iterable[Segment]) -> list[dict[str, Any]]:
    # Each window numbers its sentences from 0; within the page an id must be unique.
    return [segment.to_dict(words=False) | {"id": index} for index, segment in enumerate(segments)]


def notes_data(notes: Notes, held_back: HeldBack | None = None) -> dict[str, Any]:
    """Return the notes for the component: the parts with their positions in the audio, and one line about their quality."""
    return {
        "gist": notes.tldr,
        "label": label(notes, held_back),
        "language": notes.language,
        "points": [asdict(point) for point in notes.points],
        "chapters": [asdict(chapter) for chapter in notes.chapters],
        "terms": [asdict(term) for term in notes.terms],
        "actions": [asdict(action) for action in notes.actions],
    }


def label(notes: Notes, held_back: HeldBack | None = None) -> str:
    """Describe the notes: their author, the share of the transcript that was read, and the number of quotes found in it."""
    parts = [
        t("player.by_model", model=notes.model or "Ollama") if notes.engine == "ollama" else t("player.extractive"),
        t("player.coverage", share=formats.percent(notes.coverage)),
    ]
    if notes.points:
        found = sum(point.verified for point in notes.points)
        parts.append(t("player.verified", found=found, total=len(notes.points), share=formats.percent(notes.verified_share)))
    if held_back and (told := _HELD_BACK.get(held_back.verdict)):
        newer = held_back.version.notes.model or "Ollama"
        parts.append(t(told, model=newer, other=notes.model, found=held_back.backed, total=held_back.statements))
    return " · ".join(parts)


def _texts(reading: PlayerData) -> dict[str, Any]:
    """Return all texts of the player by name, with unfilled placeholders, and the translated error messages."""
    said: dict[str, Any] = {
        key.removeprefix("player."): text for key, text in texts(language()).items() if key.startswith("player.")
    }
    if reading.transcribing:
        said["no_transcript"] = said["transcribing"]
    said["errors"] = error_texts()
    return said
