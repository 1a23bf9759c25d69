"""Decide whether a publisher's transcript fits this audio: the pure half; pipeline/steps/publisher_match.py decodes the audio.

    segments, duration ─▶ objection? (no times, other length) ─▶ places: at 15, 50, 85 %, the end, the longest gap
    heard at the places ─▶ compare, word by word ─▶ share that stands in the text there, and by how much it is shifted
                        ─▶ verdict ─▶ all fit: adopt ─▶ segments of a readable size      else: why not

Advertisements that a host inserts into the audio shift everything after them, so a shift shows at every later place, and at the
end. A place fits only within a few seconds; a shift that is the same everywhere is taken out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise
from statistics import median

from core.domain.episodes.publisher_extras import SuppliedTranscript
from core.domain.transcripts.provenance import Checked, CheckedPlace, Misfit
from core.domain.transcripts.transcript import Segment, Window, is_cjk, join_text

TARGETS = (0.15, 0.5, 0.85)
# A place is heard for a fiftieth of the audio, within these seconds.
LONGEST_PLACE, SHORTEST_PLACE, PLACE_SHARE = 25.0, 8.0, 0.02
# Where decoding the places would be half of the work there is little to win.
MOST_HEARD = 0.5
ENDS_EARLY, ENDS_LATE, SLACK = 0.05, 0.02, 10.0
LONG_GAP = 20.0
COARSE_SECONDS = 60.0
# Seconds of neighbouring cues that are compared too: times of cues are rough.
PAD = 4.0
# Seconds at both ends of a span that may hold parts of words.
EDGE = 1.0
MOST_SHIFT = 3.0
WORTH_MENDING = 0.3
SAME = 0.65
LEAST_WORDS = 4
SEGMENT_SECONDS, SEGMENT_LENGTH = 20.0, 300
_UNIT = re.compile(r"[^\W_]+")
_SENTENCE = re.compile(r".+?(?:[.!?…](?=\s)|[。！？]|$)", re.DOTALL)
_CHINESE = ("zh", "yue", "cmn")

Fold = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class MatchSpan:
    """A span to decode, in seconds. `text`: the publisher has words there; otherwise nobody should be speaking."""

    start: float
    end: float
    text: bool = True


@dataclass(frozen=True, slots=True)
class Unit:
    """A word, or a character of a script without spaces, folded; `at` is seconds."""

    text: str
    at: float


# --- before anything is heard ---------------------------------------------------------------------


def objection(published: SuppliedTranscript, duration: float) -> Misfit | None:
    """Return a reason against the transcript that needs no decoding; None when it is worth decoding."""
    spoken = [s for s in published.segments if s.text.strip()]
    if not published.timed:
        return Misfit.UNTIMED
    if len(spoken) < LEAST_WORDS:
        return Misfit.EMPTY
    if median(s.end - s.start for s in spoken) > COARSE_SECONDS:
        return Misfit.COARSE
    early, late = duration * (1 - ENDS_EARLY) - SLACK, duration * (1 + ENDS_LATE) + SLACK
    if not early <= max(s.end for s in spoken) <= late:
        return Misfit.LENGTH
    if sum(p.end - p.start for p in places(published, duration)) > duration * MOST_HEARD:
        return Misfit.SHORT
    return None


def places(published: SuppliedTranscript, duration: float) -> list[MatchSpan]:
    """Return where to listen, in order: about the targets and at the end, where the text has words, and in its longest gap."""
    spoken = [s for s in published.segments if s.text.strip() and s.start < duration]
    length = max(min(duration * PLACE_SHARE, LONGEST_PLACE), SHORTEST_PLACE)
    begins = [_dense(spoken, duration * share, length) for share in TARGETS]
    last = min(max(s.end for s in spoken), duration)
    chosen = [MatchSpan(max(b - 0.5, 0.0), min(b + length, duration)) for b in (*begins, last - length)]
    gap = max(_gaps(spoken, duration), key=lambda g: g[1] - g[0], default=None)
    if gap and gap[1] - gap[0] >= LONG_GAP:
        middle = (gap[0] + gap[1]) / 2
        room = min(length, gap[1] - gap[0] - 2 * PAD)
        chosen.append(MatchSpan(middle - room / 2, middle + room / 2, text=False))
    return sorted(chosen, key=lambda span: span.start)


def _dense(spoken: Sequence[Segment], target: float, length: float) -> float:
    """Return the start of a segment near the target from which on the text goes on without a break."""

    def worth(segment: Segment) -> float:
        covered = sum(
            max(min(s.end, segment.start + length) - max(s.start, segment.start), 0.0)
            for s in spoken
            if s.end > segment.start and s.start < segment.start + length
        )
        return abs(segment.start - target) + 2 * length * (1 - min(covered / length, 1.0))

    near = sorted(spoken, key=lambda s: abs(s.start - target))[:20]
    return min(near, key=worth).start


def _gaps(spoken: Sequence[Segment], duration: float) -> Iterator[tuple[float, float]]:
    covered = 0.0
    for segment in spoken:
        if segment.start > covered:
            yield covered, segment.start
        covered = max(covered, segment.end)
    if duration > covered:
        yield covered, duration


# --- after decoding -------------------------------------------------------------------------------


def verdict(published: SuppliedTranscript, spans: Sequence[MatchSpan], heard: Sequence[Window], fold: Fold) -> Checked:
    """Judge the transcript. `heard` are the spans' windows, in order; `fold` removes differences of case and Chinese script."""
    compared = [_compare(published, span, window, fold) for span, window in zip(spans, heard, strict=True)]
    found = tuple(place for place, _ in compared)
    worded = [(place, units) for (place, units), span in zip(compared, spans, strict=True) if span.text]
    if any(not place.fits for (place, _), span in zip(compared, spans, strict=True) if not span.text):
        return Checked(Misfit.GAP, found)
    if sum(units >= LEAST_WORDS for _, units in worded) < len(TARGETS):
        return Checked(Misfit.SILENT, found)
    if not all(place.fits for place, _ in worded):
        return Checked(_why(published, worded, heard), found)
    shifts = [place.shift for place, _ in worded]
    if max(shifts) - min(shifts) > MOST_SHIFT:
        return Checked(Misfit.SHIFTED, found)
    shift = median(shifts)
    return Checked(None, found, round(shift, 2) if abs(shift) > WORTH_MENDING else 0.0)


def _why(published: SuppliedTranscript, worded: Sequence[tuple[CheckedPlace, int]], heard: Sequence[Window]) -> Misfit:
    stated = _language(published.language)
    spoken = {_language(window.language) for window in heard if window.segments}
    if stated and spoken and stated not in spoken and not any(place.fits for place, _ in worded):
        return Misfit.LANGUAGE
    return Misfit.SHIFTED if all(place.share >= SAME for place, _ in worded) else Misfit.WORDS


def _language(code: str | None) -> str:
    name = (code or "").split("-")[0].split("_")[0].lower()
    return "zh" if name in _CHINESE else "" if name == "und" else name


def _compare(published: SuppliedTranscript, span: MatchSpan, window: Window, fold: Fold) -> tuple[CheckedPlace, int]:
    """Return the place, and how many units were heard there."""
    ours = [unit for segment in window.segments for unit in _heard_units(segment, fold)]
    if not span.text:
        fits = len(ours) < 2 * LEAST_WORDS
        return CheckedPlace(round(span.start, 2), round(span.end, 2), 1.0 if fits else 0.0, fits=fits), len(ours)
    near = [s for s in published.segments if s.end > span.start - PAD and s.start < span.end + PAD]
    slack = MOST_SHIFT + min(max((s.end - s.start for s in near), default=0.0), SEGMENT_SECONDS) / 4
    theirs = [
        u
        for s in near
        for u in _spread(s.text, s.start, s.end, fold)
        if span.start - slack - PAD <= u.at <= span.end + slack + PAD
    ]
    pairs = _pairs(ours, theirs)
    whole = [n for n, u in enumerate(ours) if span.start + EDGE <= u.at <= span.end - EDGE]
    inner = [n for n, u in enumerate(theirs) if span.start + slack <= u.at <= span.end - slack]
    share = _share(whole, {a for a, _ in pairs}, 0.0)
    back = _share(inner, {b for _, b in pairs}, share)
    shift = median(ours[a].at - theirs[b].at for a, b in pairs) if pairs else 0.0
    worst = min(share, back)
    return CheckedPlace(
        round(span.start, 2), round(span.end, 2), round(worst, 3), round(shift, 2), worst >= SAME and abs(shift) <= slack
    ), len(ours)


def _share(numbers: Sequence[int], matched: Set[int], otherwise: float) -> float:
    return sum(n in matched for n in numbers) / len(numbers) if len(numbers) >= LEAST_WORDS else otherwise


def _pairs(ours: Sequence[Unit], theirs: Sequence[Unit]) -> list[tuple[int, int]]:
    """Return units that stand in both in the same order, with a neighbour that does too: a single common word proves nothing."""
    matcher = SequenceMatcher(None, [u.text for u in ours], [u.text for u in theirs], autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size > 1]
    return [(block.a + n, block.b + n) for block in blocks for n in range(block.size)]


def _heard_units(segment: Segment, fold: Fold) -> Iterable[Unit]:
    if not segment.words:
        return _spread(segment.text, segment.start, segment.end, fold)
    return [unit for word in segment.words for unit in _spread(word.text, word.start, word.end, fold)]


def _spread(text: str, start: float, end: float, fold: Fold) -> list[Unit]:
    """Return the units of a text, its time shared among them by length."""
    folded = fold(text)
    found = [piece for match in _UNIT.finditer(folded.replace("'", "").replace("’", "")) for piece in _pieces(match[0])]
    total = sum(map(len, found))
    units, done = [], 0
    for piece in found:
        units.append(Unit(piece, start + (end - start) * done / total))
        done += len(piece)
    return units


def _pieces(run: str) -> Iterator[str]:
    """Yield characters of scripts without spaces one by one, other words whole."""
    word = ""
    for char in run:
        if is_cjk(char):
            if word:
                yield word
            yield char
            word = ""
        else:
            word += char
    if word:
        yield word


# --- taking it over -------------------------------------------------------------------------------


def adopt(published: SuppliedTranscript, shift: float, duration: float) -> tuple[Segment, ...]:
    """Return its segments on the audio's clock, none longer than is pleasant to read, in order and without overlap."""
    moved = [replace(s, start=s.start + shift, end=s.end + shift) for s in published.segments if s.text.strip()]
    pieces = [piece for segment in moved for piece in _cut(segment)]
    clamped = [replace(p, start=min(max(p.start, 0.0), duration), end=min(max(p.end, 0.0), duration)) for p in pieces]
    kept: list[Segment] = []
    for piece in sorted(clamped, key=lambda p: p.start):
        start = max(piece.start, kept[-1].end) if kept else piece.start
        kept.append(replace(piece, id=len(kept), start=round(start, 3), end=round(max(piece.end, start), 3)))
    return tuple(kept)


def _cut(segment: Segment) -> list[Segment]:
    """Cut a long segment at the ends of its sentences, its time shared by length."""
    if segment.end - segment.start <= SEGMENT_SECONDS and len(segment.text) <= SEGMENT_LENGTH:
        return [segment]
    sentences = [m[0].strip() for m in _SENTENCE.finditer(segment.text) if m[0].strip()]
    rate = (segment.end - segment.start) / sum(map(len, sentences))
    groups: list[list[str]] = []
    for sentence in sentences:
        together = sum(map(len, groups[-1])) + len(sentence) if groups else 0
        if groups and together <= SEGMENT_LENGTH and together * rate <= SEGMENT_SECONDS:
            groups[-1].append(sentence)
        else:
            groups.append([sentence])
    ends, at = [segment.start], segment.start
    for group in groups:
        at += sum(map(len, group)) * rate
        ends.append(at)
    return [
        replace(segment, start=start, end=end, text=join_text(group))
        for group, (start, end) in zip(groups, pairwise(ends), strict=True)
    ]
