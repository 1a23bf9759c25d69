"""Account for the speech in the audio, second by second.

detected speech ─► heard         words stand for it
                   heard_again   words stand for it that a second decoding found
                   dropped       decoded, and the result not believed: `why` says which rule refused it
                   unclear       decoded, repeatedly, without a word

Times are seconds of the audio. Spans are in order and do not overlap; together they are all of the detected speech, so that no
second of it is missing and none is counted twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class Fate(StrEnum):
    """The outcome of a span of speech."""

    HEARD = "heard"
    HEARD_AGAIN = "heard_again"
    DROPPED = "dropped"
    UNCLEAR = "unclear"

    @property
    def has_words(self) -> bool:
        return self in (Fate.HEARD, Fate.HEARD_AGAIN)


class Why(StrEnum):
    """Why speech has no words."""

    NO_WORDS = "no_words"  # the model decoded no words, in every try
    DOUBTED = "doubted"  # the model itself doubted its text
    LOOP = "loop"  # the text repeated itself without the time for it
    ENGLISH_ONLY = "english_only"  # the text repeated itself, and the model knows English alone: this may be another language
    PHANTOM = "phantom"  # a phrase that models write over music and silence
    TOO_SHORT = "too_short"  # shorter than any word
    NOT_DECODED = "not_decoded"  # too short a gap between words for another try


@dataclass(frozen=True, slots=True)
class Spoken:
    """Speech in [start, end), in seconds. `why` is None where there are words. `channel` is that of a recording whose
    speakers have a channel each, else None: spans of different channels may overlap."""

    start: float
    end: float
    fate: Fate
    why: Why | None = None
    channel: int | None = None

    @property
    def seconds(self) -> float:
        return self.end - self.start

    def to_dict(self) -> dict[str, Any]:
        row: dict[str, Any] = {"start": self.start, "end": self.end, "fate": self.fate.value}
        if self.why:
            row["why"] = self.why.value
        if self.channel is not None:
            row["channel"] = self.channel
        return row

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Spoken:
        why = row.get("why")
        return cls(float(row["start"]), float(row["end"]), Fate(row["fate"]), Why(why) if why else None, row.get("channel"))


@dataclass(frozen=True, slots=True)
class SpeechCoverage:
    """The share of the speech that has words. All in seconds; `share` is 0 to 1, and 1 where nobody speaks."""

    speech: float
    heard: float
    heard_again: float
    dropped: float
    unclear: float

    @property
    def share(self) -> float:
        return (self.heard + self.heard_again) / self.speech if self.speech else 1.0

    def to_dict(self) -> dict[str, Any]:
        return {
            "share": round(self.share, 4),
            "speech_seconds": round(self.speech, 3),
            "heard_seconds": round(self.heard, 3),
            "heard_again_seconds": round(self.heard_again, 3),
            "dropped_seconds": round(self.dropped, 3),
            "unclear_seconds": round(self.unclear, 3),
        }


def coverage(spoken: Iterable[Spoken]) -> SpeechCoverage:
    """Return the totals of all spans."""
    seconds = dict.fromkeys(Fate, 0.0)
    for span in spoken:
        seconds[span.fate] += span.seconds
    return SpeechCoverage(
        speech=sum(seconds.values()),
        heard=seconds[Fate.HEARD],
        heard_again=seconds[Fate.HEARD_AGAIN],
        dropped=seconds[Fate.DROPPED],
        unclear=seconds[Fate.UNCLEAR],
    )


def without_words(spoken: Sequence[Spoken], *, least: float = 0.0, join: float = 0.0) -> list[Spoken]:
    """Return the spans that have no words, in order: neighbours less than `join` seconds apart become one, with the reason of
    the longer; spans then shorter than `least` seconds are left out."""
    joined: list[Spoken] = []
    for span in (s for s in spoken if not s.fate.has_words):
        last = joined[-1] if joined else None
        if last and span.channel == last.channel and span.start - last.end <= join:
            longer = max(last, span, key=lambda s: s.seconds)
            joined[-1] = replace(longer, start=last.start, end=span.end)
        else:
            joined.append(span)
    return [s for s in joined if s.seconds >= least]


def tidy(spoken: Iterable[Spoken]) -> tuple[Spoken, ...]:
    """Sort the spans; join neighbours with the same fate that touch; round times to whole milliseconds."""
    kept: list[Spoken] = []
    for raw in sorted(spoken, key=lambda s: (s.start, s.channel or 0)):
        span = replace(raw, start=round(raw.start, 3), end=round(raw.end, 3))
        if span.end <= span.start:
            continue
        last = kept[-1] if kept else None
        if last and (last.fate, last.why, last.channel) == (span.fate, span.why, span.channel) and span.start <= last.end:
            kept[-1] = replace(last, end=span.end)
        else:
            kept.append(span)
    return tuple(kept)
