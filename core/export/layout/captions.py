"""Make readable subtitles: from segments to cues.

segments ─► timed pieces (a word or a CJK character; word times where there are any, else by length)
         ─► each segment cut into cues: two lines, seven seconds, cuts at punctuation          (cut)
         ─► cues too short to read joined with a neighbour where both fit                     (joined)
         ─► a second at least, seven at most, one after the other                             (settled)

Where people speak faster than cues of a second can follow, a cue comes a little early, or the next ones late until the next
pause: none is dropped, and none lies over another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from core.domain.transcripts.transcript import Segment, is_cjk
from core.export.layout import lines
from core.export.layout.cues import one_line

LEAST = 1000
MOST = 7000
# A cue may appear this many milliseconds before its speech, to last a second.
EARLY = 500
# Cues shorter than this join a neighbour that is at most NEAR away; both in milliseconds.
SHORT = 1000
NEAR = 600
# A cue of fewer columns, cut off a longer sentence, looks lost.
TINY = 14
# The cost of a break between two words (lines.break_cost); a line that breaks worse is worth another cue.
PHRASE = 2.0
_FAR_APART = 10.0**9


@dataclass(frozen=True, slots=True)
class CaptionLine:
    text: str
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Cue:
    """One or two lines from `start` to `end`, in milliseconds. `speaker` speaks them, unless each line names its own."""

    start: int
    end: int
    lines: tuple[CaptionLine, ...]


@dataclass(frozen=True, slots=True)
class _Timed:
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Draft:
    """A cue while it is being made: turns of speakers, each with its pieces."""

    start: int
    end: int
    turns: tuple[tuple[str | None, tuple[str, ...]], ...]


def captions(segments: Iterable[Segment], *, labels: bool = False) -> list[Cue]:
    """Return cues in order. `labels`: a name stands in the text where the speaker changes, and takes room there (SubRip has no
    other way); else lines carry their speaker beside the text."""
    drafts: list[_Draft] = []
    spoken: str | None = None
    for segment in sorted(segments, key=lambda s: s.start):
        text = one_line(segment.text)
        if not text:
            continue
        speaker = one_line(segment.speaker) if segment.speaker else None
        label = f"{speaker}: " if labels and speaker and speaker != spoken else ""
        spoken = speaker
        drafts += _cut(_timed(segment, text, label), speaker)
    return [_cue(d, labels) for d in _settled(_joined(drafts))]


# --- when each piece is said ----------------------------------------------------------------------


def _timed(segment: Segment, text: str, label: str) -> list[_Timed]:
    begins, ends = _character_times(segment, text)
    found = [_Timed(p.text, begins[p.begin], ends[p.begin + len(p.text.rstrip()) - 1]) for p in lines.pieces(text)]
    begin = found[0].start
    return [_Timed(p.text, begin, begin) for p in lines.pieces(label)] + found if label else found


def _character_times(segment: Segment, text: str) -> tuple[list[int], list[int]]:
    """Return the milliseconds at which each character of `text` begins, and at which it ends; never falling."""
    start = max(0, round(segment.start * 1000))
    end = max(start, round(segment.end * 1000))
    spoken = _spoken(segment, text) or _spread(text, start, end)
    last = start
    begins, ends = [], []
    for begin, stop in spoken:
        begins.append(last := min(max(last, begin), end))
        ends.append(last := min(max(last, stop), end))
    return begins, ends


def _spread(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Divide the segment's time among the characters by their weight."""
    said = [0, *accumulate(_weight(c) for c in text)]
    total = said[-1] or 1
    return [(start + round((end - start) * a / total), start + round((end - start) * b / total)) for a, b in pairwise(said)]


def _spoken(segment: Segment, text: str) -> list[tuple[int, int]] | None:
    """Return the same from the words' times; None when the words do not spell the text. A space takes no time."""
    letters: list[tuple[str, int, int]] = []
    for word in segment.words:
        bare = [c for c in word.text if not c.isspace()]
        step = (word.end - word.start) / (len(bare) or 1) * 1000
        letters += [
            (c, round(word.start * 1000 + i * step), round(word.start * 1000 + (i + 1) * step)) for i, c in enumerate(bare)
        ]
    if not letters or [c for c, _, _ in letters] != [c for c in text if not c.isspace()]:
        return None
    times: list[tuple[int, int]] = []
    following = iter(letters)
    for char in text:
        times.append((times[-1][1], times[-1][1]) if char.isspace() else next(following)[1:])
    return times


def _weight(char: str) -> int:
    """Return the relative time to say a character: a CJK character is a syllable, a Latin letter a third of one."""
    if is_cjk(char):
        return 3 if char not in lines.CLOSING + lines.OPENING else 1
    return 0 if char.isspace() else 1


# --- cutting --------------------------------------------------------------------------------------


def _cut(timed: Sequence[_Timed], speaker: str | None) -> Iterator[_Draft]:
    """Cut a segment in the cheapest way: cuts at punctuation, cues neither tiny nor uneven."""
    count = len(timed)
    measure = lines.Measure([p.text for p in timed])
    if count in _stops(timed, measure, 0) and measure.inner_cost(0, count) <= PHRASE:
        yield _draft(timed, speaker)
        return
    cheapest = [0.0] + [_FAR_APART * 10] * count
    came_from = [0] * (count + 1)
    for begin in range(count):
        for stop in _stops(timed, measure, begin):
            cost = cheapest[begin] + _cost(timed, measure, begin, stop)
            if cost < cheapest[stop]:
                cheapest[stop], came_from[stop] = cost, begin
    cuts = [count]
    while cuts[-1]:
        cuts.append(came_from[cuts[-1]])
    for stop, begin in reversed(list(pairwise(cuts))):
        yield _draft(timed[begin:stop], speaker)


def _draft(timed: Sequence[_Timed], speaker: str | None) -> _Draft:
    start = timed[0].start
    return _Draft(start, min(max(timed[-1].end, start), start + MOST), ((speaker, tuple(p.text for p in timed)),))


def _stops(timed: Sequence[_Timed], measure: lines.Measure, begin: int) -> Iterator[int]:
    """Yield where a cue that begins there may end; at least after its first piece."""
    yield begin + 1
    first_line = measure.full(begin)
    for stop in range(begin + 2, len(timed) + 1):
        too_wide = stop > first_line and not measure.fits(first_line, stop)
        if too_wide or timed[stop - 1].end - timed[begin].start > MOST:
            return
        yield stop


def _cost(timed: Sequence[_Timed], measure: lines.Measure, begin: int, stop: int) -> float:
    seconds = (timed[stop - 1].end - timed[begin].start) / 1000
    cost = 8.0 + max(0.0, 1.5 - seconds) ** 2 * 4
    cost += max(0.0, measure.inner_cost(begin, stop) - PHRASE) * 10
    if begin or stop < len(timed):
        cost += max(0, TINY - measure.columns(begin, stop)) * 0.4
    if stop < len(timed):
        pause = (timed[stop].start - timed[stop - 1].end) / 1000
        cost += 5 * lines.break_cost(timed[stop - 1].text, timed[stop].text) - min(pause, 1.0) * 4
    return cost


# --- joining --------------------------------------------------------------------------------------


def _joined(drafts: Sequence[_Draft]) -> list[_Draft]:
    """Join neighbours where either is too short to be read, and both fit."""
    made: list[_Draft] = []
    for draft in drafts:
        if made and _needs(made[-1], draft) and (both := _both(made[-1], draft)):
            made[-1] = both
        else:
            made.append(draft)
    return made


def _needs(before: _Draft, after: _Draft) -> bool:
    short = before.end - before.start < SHORT or after.end - after.start < SHORT
    return short and after.start - before.end <= NEAR


def _both(before: _Draft, after: _Draft) -> _Draft | None:
    end = max(before.end, after.end)
    if end - before.start > MOST:
        return None
    (speaker, parts), (other, more) = before.turns[-1], after.turns[0]
    if speaker == other:
        spaced = parts if is_cjk(parts[-1].rstrip()[-1]) or is_cjk(more[0][0]) else (*parts[:-1], parts[-1].rstrip() + " ")
        turns = (*before.turns[:-1], (speaker, spaced + more), *after.turns[1:])
    else:
        turns = before.turns + after.turns
    return _Draft(before.start, end, turns) if _turns_fit(turns) else None


def _turns_fit(turns: Sequence[tuple[str | None, tuple[str, ...]]]) -> bool:
    if len(turns) == 1:
        return lines.fits_two(turns[0][1])
    return len(turns) == 2 and all(lines.fits_one(("- ", *parts)) for _, parts in turns)


# --- settling -------------------------------------------------------------------------------------


def _settled(drafts: Sequence[_Draft]) -> list[_Draft]:
    """Show each cue for a second to seven, none over another."""
    starts = [d.start for d in drafts]
    for at in range(len(drafts) - 2, -1, -1):
        latest = starts[at + 1] - LEAST
        starts[at] = max(0, min(starts[at], max(latest, starts[at] - EARLY)))
    settled: list[_Draft] = []
    free = 0
    for at, draft in enumerate(drafts):
        start = max(starts[at], free)
        end = max(draft.end, draft.start + LEAST)
        if at + 1 < len(drafts):
            end = min(end, starts[at + 1])
        end = min(max(end, start + LEAST), start + MOST)
        settled.append(replace(draft, start=start, end=end))
        free = end
    return settled


def _cue(draft: _Draft, labels: bool) -> Cue:
    if len(draft.turns) == 1:
        speaker, parts = draft.turns[0]
        return Cue(draft.start, draft.end, tuple(CaptionLine(text, speaker) for text in lines.best_lines(parts)))
    dash = "" if labels and all(s for s, _ in draft.turns) else "- "
    return Cue(draft.start, draft.end, tuple(CaptionLine(dash + "".join(p).strip(), speaker) for speaker, p in draft.turns))
