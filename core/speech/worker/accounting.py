"""Account for each second of speech in a stretch: it has words, or it is reported with a reason.

    voice activity ────────┬─ within reach of a word  ─► heard, or heard again
                           ├─ of a hallucination      ─► dropped
                           ├─ refused while decoding  ─► dropped (doubted, loop, too short), or unclear (no words)
                           └─ the rest                ─► unclear: too short for another decoding

Each sample is counted for the first of these that it belongs to, so the parts always add up to the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.domain.transcripts.spoken import Fate, Spoken, Why, tidy
from core.domain.transcripts.transcript import Word
from core.speech.audio.spans import RATE, Span, intersect, join, reach, subtract
from core.speech.text.sentences import HeardPiece
from core.speech.worker.batches import RefusedSpan

# Between words, less silence than this is no loss.
BREATH = 0.5
DROPPED = (Why.LOOP, Why.ENGLISH_ONLY, Why.DOUBTED, Why.TOO_SHORT)


def account(
    voiced: Sequence[Span],
    kept: Sequence[HeardPiece],
    hallucinations: Sequence[HeardPiece],
    refused: Sequence[RefusedSpan],
    offset: float,
    *,
    channel: int | None = None,
) -> tuple[Spoken, ...]:
    """Return the outcome of each span of speech, in seconds. `voiced` and `refused` are in samples of a stretch that begins at
    second `offset` of the file.
    """
    claims = [
        (Fate.HEARD, None, _reach([h for h in kept if not h.again], offset)),
        (Fate.HEARD_AGAIN, None, _reach([h for h in kept if h.again], offset)),
        (Fate.DROPPED, Why.PHANTOM, _reach(hallucinations, offset)),
        *((Fate.DROPPED, why, join(r.span for r in refused if r.why is why)) for why in DROPPED),
        (Fate.UNCLEAR, Why.NO_WORDS, join(r.span for r in refused if r.why is Why.NO_WORDS)),
    ]
    left, found = list(voiced), []
    for fate, why, spans in claims:
        found += [_spoken(span, fate, why, offset, channel) for span in intersect(left, spans)]
        left = subtract(left, spans)
    return tidy([*found, *(_spoken(span, Fate.UNCLEAR, Why.NOT_DECODED, offset, channel) for span in left)])


def _reach(heard: Iterable[HeardPiece], offset: float) -> list[Span]:
    """Return the reach of the words; for text without words, which some models give, its whole time."""
    words = (word for h in heard for word in h.words or (Word(h.start, h.end, h.text),))
    return reach(words, offset, BREATH)


def _spoken(span: Span, fate: Fate, why: Why | None, offset: float, channel: int | None) -> Spoken:
    first = round(offset * RATE)
    return Spoken((first + span[0]) / RATE, (first + span[1]) / RATE, fate, why, channel)
