"""Decide whether new notes replace the present ones, or are kept as a version only. Pure.

    new notes ─▶ chosen sentences, or no backed notes in place ─▶ they replace
              ─▶ fewer than half of the statements backed, far fewer than in those in place, an unrelated gist ─▶ too weak
              ─▶ came to no end, and read less of the transcript ─▶ read less
              ─▶ by a smaller model, and fewer are backed ─▶ outdone

A statement (a point or an action) is backed when its quote stands in the transcript and, where both are in one language, when the
two have a telling word in common: a true quote under any sentence proves nothing.
"""

from __future__ import annotations

from collections.abc import Collection

from core.domain.notes.note import Action, Notes, Point, Verdict
from core.llm.models import ModelInfo
from core.notes.text.keywords import STOP_CHARS, content_words
from core.notes.text.tokens import is_unspaced, tokens

# The share of statements in new notes that has to be backed.
LEAST_BACKED = 0.5
# New notes also need this share of the present notes' backed statements, not counting the first FEW: a short memo has no more to
# say.
LEAST_OF_BEFORE, FEW = 1 / 3, 2
# The share of a gist's words that backed statements have, too. A gist that sums up in words of its own shares few, so less is
# enough where there are MANY statements, and nearly all of them are backed.
LEAST_OF_GIST, LEAST_WHERE_SURE = 0.2, 0.08
MANY, NEARLY_ALL = 3, 0.8
# One word may be chance.
TWO = 2.0
# Letters that inflected forms of a word share, and characters that stand for a pair of them.
STEM, CHARACTERS = 5, 3
# Languages in which two forms of a word begin alike, or that are compared by pairs of characters. Where a particle stands before
# or behind every word, as in Arabic and Korean, nothing is compared: a quote that was found is enough there.
_COMPARED_LIST = "bg ca cs da de el en es et fi fr hr hu it ja nb nl nn no pl pt ro ru sk sl sr sv tr uk yue zh"
_COMPARED = frozenset(_COMPARED_LIST.split())
# Words that notes on anything have.
_OF_NOTE_LIST = """
    trans recor speak speec state summa sente impor discu talk talks talki part parts notes point quote title topic conve text
    word words conte follo main inclu menti
    录音 笔记 部分 文字 字稿 内容 重要 说明 陈述 讲述 提到 主要 讨论 这段 总结 一段
"""
_OF_NOTES = frozenset(_OF_NOTE_LIST.split())


def judge(before: Notes | None, new: Notes, spoken: str) -> Verdict:
    """Judge `new` notes where `before` are in place; `spoken` is the code of the transcript's language."""
    if before is None or new.engine == "extractive":
        return Verdict.REPLACES
    there, here = len(backed(before, spoken)), len(backed(new, spoken))
    if there and not _enough(new, here, there, spoken):
        return Verdict.TOO_WEAK
    if here and not there:
        return Verdict.REPLACES
    if before.engine != "extractive" and new.coverage < min(before.coverage, 1.0):
        return Verdict.READ_LESS
    return Verdict.OUTDONE if there > here and _larger(before.model, new.model) else Verdict.REPLACES


def backed(notes: Notes, spoken: str) -> list[Point | Action]:
    """Return the statements that the transcript proves."""
    alike = _language(notes.language) == _language(spoken) and _language(spoken) in _COMPARED
    return [s for s in statements(notes) if s.verified and (not alike or _of_one_thing(s.text, s.quote))]


def statements(notes: Notes) -> list[Point | Action]:
    """Return all statements that carry a quote."""
    return [*notes.points, *notes.actions]


def _enough(new: Notes, here: int, there: int, spoken: str) -> bool:
    if here == 0 or here < LEAST_BACKED * len(statements(new)) or here < LEAST_OF_BEFORE * (there - FEW) * new.coverage:
        return False
    return _gist_is_of(new, backed(new, spoken))


def _gist_is_of(notes: Notes, proven: Collection[Point | Action]) -> bool:
    """Return whether the gist shares words with the backed statements; it has no quote of its own."""
    said = [*(f"{s.text} ; {s.quote}" for s in proven), *(t.text for t in notes.terms if t.verified)]
    gist = _telling(notes.tldr)
    if _language(notes.language) not in _COMPARED:
        return bool(gist)
    sure = len(proven) >= MANY and len(proven) >= NEARLY_ALL * len(statements(notes))
    least = max(1.0, LEAST_OF_GIST * len(gist))
    least = min(least, max(TWO, LEAST_WHERE_SURE * len(gist))) if sure else least
    return len(gist & _telling(" ; ".join(said))) >= least


def _of_one_thing(text: str, quote: str) -> bool:
    telling, shown = _telling(text), _telling(quote)
    if not telling:
        return set(tokens(text)) <= set(tokens(quote))
    # The two Chinese scripts have few pairs in common, but many characters.
    return bool(telling & shown) or len(_characters(text) & _characters(quote)) >= CHARACTERS


def _telling(text: str) -> frozenset[str]:
    return frozenset(word[:STEM] for word in content_words(text)) - _OF_NOTES


def _characters(text: str) -> frozenset[str]:
    return frozenset(token for token in tokens(text) if is_unspaced(token)) - STOP_CHARS


def _language(code: str) -> str:
    return code.partition("-")[0].lower()


def _larger(one: str, other: str) -> bool:
    """Return whether both names give the models' sizes, and the first is larger."""
    sizes = (ModelInfo(one).billions, ModelInfo(other).billions)
    return sizes[0] is not None and sizes[1] is not None and sizes[0] > sizes[1]
