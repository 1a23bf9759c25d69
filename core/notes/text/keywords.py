"""Find the words that carry meaning, and the names and terms that stand out, by counting alone.

English: capitalised words that are so in mid-sentence. Chinese: runs of 2 to 4 characters that recur, that are not just a piece
of a longer run that recurs as often, and that begin and end where words may.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from core.domain.notes.note import Term
from core.domain.transcripts.transcript import Segment, is_cjk
from core.notes.text.tokens import is_number, is_unspaced, tokens

MOST = 15
# In fewer segments than this, two occurrences are enough for a term.
SHORT = 300
_STOP_LIST = """
    a about above after again all also am an and any are as at be because been before being below between both but by can could
    did do does doing down during each even every few first for from further get go going good got had has have having he her
    here hers him his how i if in into is it its just know last let like lot made make many may me mean might more most much
    must my new next no nor not now of off on once one only or other our out over own people really right said same say see she
    should so some such than thank thanks that the their them then there these they thing things think this those through time
    to too two under until up us very want was way we week well went were what when where which while who whom why will with
    would yeah year years yes yet you your it's i'm that's don't we're you're there's let's can't didn't doesn't they're
"""
_STOP = frozenset(_STOP_LIST.split())
# A Chinese run that begins or ends with one of these is seldom a term.
STOP_CHARS = frozenset(
    "的了是我你他她它们這这那在有和就不也都说說一个個上下来來去到"
    "会會能要很把被从從对對与與及而但或所以因为為什么麼吗嗎呢吧啊"
    "让讓给給又还還再没沒人想看得着著过過里裡今天请請谢謝谈談第点點"
)
_PARTICLES = frozenset("的了是吗嗎呢吧")
_NAME = re.compile(r"(?<![\w'])[A-Z][\w'-]*[\w](?:\s+(?:of\s+)?[A-Z][\w'-]*\w)*")
_RUN = re.compile(r"[\u3400-\u9fff]+")


def content_words(text: str) -> Iterator[str]:
    """Yield words that are no stop words, and pairs of neighbouring CJK characters."""
    previous = ""
    for token in tokens(text):
        if is_unspaced(token):
            if previous and not (previous in STOP_CHARS and token in STOP_CHARS):
                yield previous + token
            previous = token
            continue
        previous = ""
        if token not in _STOP and len(token) > 1:
            yield token


def find_terms(segments: Sequence[Segment]) -> tuple[Term, ...]:
    """Return up to MOST terms, the most frequent first, each with the segment that first says it."""
    counts = _chinese(segments) if _mostly_cjk(segments) else _names(segments)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(_placed(text, segments) for text, _ in ranked[:MOST])


def _mostly_cjk(segments: Iterable[Segment]) -> bool:
    sample = "".join(s.text for _, s in zip(range(200), segments, strict=False))
    return sum(map(is_cjk, sample)) * 2 > len(sample)


def _placed(term: str, segments: Sequence[Segment]) -> Term:
    first = next(s for s in segments if term in s.text)
    return Term(term, quote=first.text.strip(), start=first.start, verified=True)


def _names(segments: Iterable[Segment]) -> Counter[str]:
    """Count capitalised words; those that only ever open a sentence may be capitalised for that alone."""
    counts: Counter[str] = Counter()
    inside: set[str] = set()
    for segment in segments:
        for match in _NAME.finditer(segment.text):
            name = match.group()
            opens = not segment.text[: match.start()].strip() or segment.text[: match.start()].rstrip()[-1] in ".!?:"
            if opens:
                name = _without_opening(name)
            if not name or name.casefold() in _STOP or is_number(name.casefold()):
                continue
            counts[name] += 1
            if not opens:
                inside.add(name)
    return Counter({name: n for name, n in counts.items() if name in inside and (n > 1 or " " in name)})


def _without_opening(name: str) -> str:
    """Strip a common first word of a sentence: "The Guardian" → "Guardian"."""
    first, _, rest = name.partition(" ")
    return rest if first.casefold() in _STOP else name


def _chinese(segments: Sequence[Segment]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for segment in segments:
        for run in _RUN.findall(segment.text):
            for size in (2, 3, 4):
                counts.update(run[i : i + size] for i in range(len(run) - size + 1))
    least = 2 if len(segments) < SHORT else 3
    frequent = {t: n for t, n in counts.items() if n >= least and _may_be_term(t)}
    inner: set[str] = set()
    for longer, n in frequent.items():
        for part in (longer[1:], longer[:-1]):
            if frequent.get(part, 0) <= n * 1.2:
                inner.add(part)
    return Counter({t: n for t, n in frequent.items() if t not in inner})


def _may_be_term(text: str) -> bool:
    """Return whether it begins and ends where words may, and holds no particle."""
    ends = (text[0], text[-1])
    return STOP_CHARS.isdisjoint(ends) and _PARTICLES.isdisjoint(text) and not any(map(is_number, ends))
