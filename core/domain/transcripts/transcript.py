"""The result of speech recognition: words in segments, segments in windows, windows in one transcript.

Times are seconds from the start of the audio. Segments are in order and do not overlap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from core.domain.transcripts.provenance import PUBLISHER, Checked
from core.domain.transcripts.spoken import SpeechCoverage, Spoken, coverage, without_words


@dataclass(frozen=True, slots=True)
class Word:
    start: float
    end: float
    text: str
    probability: float = 1.0


@dataclass(frozen=True, slots=True)
class Segment:
    """One sentence or clause. `id` counts from 0 within the transcript. `original` is the first wording where the reader has
    edited the text, else None. `language` is that of its words, None where it is undetermined."""

    id: int
    start: float
    end: float
    text: str
    speaker: str | None = None
    words: tuple[Word, ...] = ()
    original: str | None = None
    language: str | None = None

    def to_dict(self, *, words: bool = True) -> dict[str, Any]:
        row: dict[str, Any] = {
            "id": self.id,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "speaker": self.speaker,
        }
        if words and self.words:
            row["words"] = [[w.start, w.end, w.text, w.probability] for w in self.words]
        if self.original is not None:
            row["original"] = self.original
        if self.language is not None:
            row["language"] = self.language
        return row

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Segment:
        return cls(
            id=int(row["id"]),
            start=float(row["start"]),
            end=float(row["end"]),
            text=str(row["text"]),
            speaker=row.get("speaker"),
            words=tuple(Word(*w) for w in row.get("words") or ()),
            original=row.get("original"),
            language=row.get("language"),
        )


@dataclass(frozen=True, slots=True)
class SpeechEngine:
    """The engine of a transcript: shown to the user, and compared before a partial one is resumed."""

    model: str
    device: str = "cpu"
    compute_type: str = "int8"
    batch_size: int = 1

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of audio [start, end) that is completely transcribed; the unit that is committed and resumed.

    `speech_seconds` is the speech that voice activity detection found, `spoken` the account of it; `wall_seconds` the duration of
    the work. `planned_from` is where the audio was read from to plan this window: before `start` where a stop broke off the one
    before it, so that the rest is planned as if there had been no stop. `broken_off` says that a stop ended this one.
    """

    index: int
    start: float
    end: float
    language: str
    segments: tuple[Segment, ...]
    speech_seconds: float = 0.0
    wall_seconds: float = 0.0
    engine: SpeechEngine = field(default_factory=lambda: SpeechEngine(model=""))
    spoken: tuple[Spoken, ...] = ()
    planned_from: float | None = None
    broken_off: bool = False

    def to_dict(self) -> dict[str, Any]:
        return {
            "index": self.index,
            "start": self.start,
            "end": self.end,
            "language": self.language,
            "speech_seconds": self.speech_seconds,
            "wall_seconds": self.wall_seconds,
            "engine": self.engine.to_dict(),
            "segments": [s.to_dict() for s in self.segments],
            "spoken": [s.to_dict() for s in self.spoken],
            "planned_from": self.planned_from,
            "broken_off": self.broken_off,
        }

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Window:
        return cls(
            index=int(row["index"]),
            start=float(row["start"]),
            end=float(row["end"]),
            language=str(row["language"]),
            speech_seconds=float(row["speech_seconds"]),
            wall_seconds=float(row["wall_seconds"]),
            engine=SpeechEngine(**row["engine"]),
            segments=tuple(Segment.from_dict(s) for s in row["segments"]),
            spoken=tuple(Spoken.from_dict(s) for s in row.get("spoken") or ()),
            planned_from=row.get("planned_from"),
            broken_off=bool(row.get("broken_off")),
        )


@dataclass(frozen=True, slots=True)
class Transcript:
    """All of an episode's speech. `duration` is that of the audio; no segments means that nobody speaks in it.

    `spoken` accounts for each second of speech; it is None without such an account (a publisher's transcript, and those made
    before there was one). `checked` is the comparison of a publisher's transcript with the audio; None when there was none to
    compare.
    """

    language: str
    duration: float
    segments: tuple[Segment, ...]
    engine: SpeechEngine
    speech_seconds: float = 0.0
    wall_seconds: float = 0.0
    checked: Checked | None = None
    spoken: tuple[Spoken, ...] | None = None

    @property
    def speech_coverage(self) -> SpeechCoverage | None:
        """Return the share of the speech that has words; None without an account of the speech."""
        return None if self.spoken is None else coverage(self.spoken)

    @property
    def speech_json(self) -> dict[str, Any] | None:
        """Return the coverage of speech with the spans that have no words, for the API and for exports."""
        found = self.speech_coverage
        return None if found is None else {**found.to_dict(), "spans": [s.to_dict() for s in without_words(self.spoken or ())]}

    @property
    def by_publisher(self) -> bool:
        return self.engine.model == PUBLISHER

    @property
    def text(self) -> str:
        return join_text(s.text for s in self.segments)

    @property
    def real_time_factor(self) -> float:
        """Seconds of work a second of audio (0.1: ten times faster than listening)."""
        return self.wall_seconds / self.duration if self.duration else 0.0


def is_cjk(char: str) -> bool:
    """Return whether a character belongs to a script written without spaces (Han, kana, CJK punctuation and full-width forms)."""
    return "\u2e80" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or "\uff00" <= char <= "\uffef" or char >= "\U00020000"


def join_text(texts: Iterable[str]) -> str:
    """Join segment texts with spaces where the script uses them."""
    out = ""
    for text in (t.strip() for t in texts):
        if not text:
            continue
        if out and not (is_cjk(out[-1]) or is_cjk(text[0])):
            out += " "
        out += text
    return out


def assemble(windows: Iterable[Window], duration: float) -> Transcript:
    """Assemble one transcript from its windows, in order: ids renumbered; the language is that of most speech. A window has the
    language that was spoken last in it, its segments have their own.

    Raises ValueError when the windows leave a gap or overlap, for then audio was lost or read twice.
    """
    ordered = sorted(windows, key=lambda w: w.start)
    position = 0.0
    segments: list[Segment] = []
    languages: dict[str, float] = {}
    for window in ordered:
        if abs(window.start - position) > 0.05:
            raise ValueError(f"windows do not join: one ends at {position:.2f} s, the next starts at {window.start:.2f} s")
        position = window.end
        for language, seconds in _languages(window):
            languages[language] = languages.get(language, 0.0) + seconds
        segments += [replace(s, id=len(segments) + i) for i, s in enumerate(window.segments)]
    if not ordered:
        raise ValueError("no windows")
    return Transcript(
        language=max(languages, key=lambda k: languages[k]),
        duration=duration,
        segments=tuple(segments),
        engine=ordered[-1].engine,
        speech_seconds=sum(w.speech_seconds for w in ordered),
        wall_seconds=sum(w.wall_seconds for w in ordered),
        spoken=tuple(span for window in ordered for span in window.spoken),
    )


def _languages(window: Window) -> list[tuple[str, float]]:
    """Return languages with seconds of speech: those of the segments, where they are known."""
    known = [(s.language, s.end - s.start) for s in window.segments if s.language]
    return known or [(window.language, window.speech_seconds + 1e-6)]
