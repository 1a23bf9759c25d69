"""The synced player: sound, notes, transcript and what the reader keeps, in one component: nothing of it waits for a rerun.

    page ─ data: notes, texts, addresses ─▶ component ◀─ fetch ─ /api/v1/episodes/{id}/audio, …/transcript?v=<version>
                                                │ edits, highlights, remarks, own notes, places ──▶ HTTP API
                                                └─ trigger `changed`: other notes count or are asked for, the page is drawn anew

The transcript goes by address and version, not through data: hours of it would be sent again with every rerun. The sound itself
belongs to the window (player_sound.js), so that it plays on when this component is mounted anew or the reader leaves the page.

    player_page     elements, messages, wishes to the API        player_text     offsets, ranges, folding
    player_sound    the one <audio> of the window                player_bar, player_timeline     its controls
    player_transcript, _find, _edit, _selection                  player_notes, _again, _versions, _comparison
                                                                 player_supplied, _highlights, _own_notes, _about, _spoken
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from core.domain.episode import Episode
from core.domain.hearing_again import larger_model, unheard
from core.domain.job import Job, State
from core.domain.note import Notes
from core.domain.spoken import coverage
from core.domain.transcript import Segment
from core.notes.replacing import Verdict
from core.pipeline.library import Speech
from core.pipeline.notebook import HeldBack
from core.sources.clean import html_to_text, web_url
from core.store.notes import Version
from pages.parts import formats
from pages.parts.credits import credits
from pages.parts.languages import LANGUAGES
from pages.parts.redo import SPEECH_MODELS
from pages.text import language, t, texts

_HERE = Path(__file__).parent
# One module to the browser; the file with the default export comes last.
_SCRIPTS = (
    "player_page.js",
    "player_text.js",
    "player_sound.js",
    "player_timeline.js",
    "player_bar.js",
    "player_transcript.js",
    "player_find.js",
    "player_edit.js",
    "player_selection.js",
    "player_highlights.js",
    "player_comparison.js",
    "player_versions.js",
    "player_again.js",
    "player_notes.js",
    "player_markdown.js",
    "player_supplied.js",
    "player_own_notes.js",
    "player_about.js",
    "player_dialogs.js",
    "player_spoken.js",
    "player.js",
)

# Of those that read less, the job says so that wrote them.
_HELD_BACK = {Verdict.TOO_WEAK: "player.too_weak", Verdict.OUTDONE: "player.outdone"}

_component = st.components.v2.component(
    "castmind_player",
    js="\n".join((_HERE / name).read_text(encoding="utf-8") for name in _SCRIPTS),
    css=(_HERE / "player.css").read_text(encoding="utf-8"),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What there is to hear and read. `start` is where to begin, in seconds; None is where the listener left off. `part` is what
    to begin with: notes, highlights, own, about, or the publisher's transcript ("publisher").

    `transcript_version` is None while there is no whole transcript; `partial` is what is there of it. `notes_versions` is how
    many versions of the notes there are, `notes_job` the work on the next one, `held_back` newer ones that could
    not replace them. `speech` is what became of what was spoken,
    `speech_job` the work on the transcript.
    """

    episode: Episode
    has_audio: bool
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


def player(reading: Reading) -> None:
    """Draws the player. It keeps what it shows through reruns of the page, for its key is that of the episode."""
    # In a list: a dictionary would be searched for data frames, and that loads pandas for good.
    _component(key=f"player-{reading.episode.id}", data=[data(reading)], on_changed_change=lambda: None)


def data(reading: Reading) -> dict[str, Any]:
    """What the component is given, as JSON types."""
    episode, version = reading.episode, reading.transcript_version
    base = f"/api/v1/episodes/{episode.id}"
    return {
        "id": episode.id,
        "title": episode.title,
        "feed": reading.feed_title,
        "page": f"/episode?id={episode.id}",
        "audio": f"{base}/audio" if reading.has_audio else None,
        "cover": f"{base}/cover",
        "duration": episode.duration,
        "start": reading.start,
        "part": reading.part,
        "position": episode.position,
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
        "show_notes": html_to_text(episode.description),
        "link": web_url(episode.link),
        "credits": credits(episode),
        "interface": language(),
        "text": _texts(reading),
    }


def speech_data(speech: Speech, job: Job | None) -> dict[str, Any]:
    """How much of the speech has words, what has none, and what is to be heard again, with which models that can be done."""
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
    """The work on notes or a transcript, unless it is done."""
    if job is None or job.state is State.DONE:
        return None
    return {"state": job.state.value, "cancelling": job.cancel_requested}


def _rows(segments: Iterable[Segment]) -> list[dict[str, Any]]:
    # Windows count their sentences each from 0; within the page an id stands for one sentence.
    return [segment.to_dict(words=False) | {"id": index} for index, segment in enumerate(segments)]


def notes_data(notes: Notes, held_back: HeldBack | None = None) -> dict[str, Any]:
    """Notes for the component: the parts with their places in the audio, and one line that says what they are worth."""
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
    """Who wrote the notes, how much of the transcript was read, and how many quotes were found in it."""
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


def _texts(reading: Reading) -> dict[str, Any]:
    """All texts of the player by their names, with their places unfilled, and what errors say in the reader's language."""
    said: dict[str, Any] = {
        key.removeprefix("player."): text for key, text in texts(language()).items() if key.startswith("player.")
    }
    if reading.transcribing:
        said["no_transcript"] = said["transcribing"]
    # English readers get the server's own words, which are more exact.
    said["errors"] = {} if language() == "en" else _errors()
    return said


def _errors() -> dict[str, str]:
    return {key.removeprefix("error."): text for key, text in texts(language()).items() if key.startswith("error.")}
