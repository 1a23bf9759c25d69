"""Format Chinese for its readers: punctuated, with full-width marks, and in the script that they chose.

    pieces ─► full-width marks, no spaces around them ─► missing marks inserted at pauses       (then sentences are joined)
           ─► simplified | traditional | as heard

Other languages pass through unchanged. Most marks are the model's own, prompted by an example (marks.py); pauses supply the
missing ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from core.domain.transcripts.transcript import Word
from core.speech.request import ChineseScript
from core.speech.text.sentences import CLAUSE_ENDS, CLOSERS, SENTENCE_ENDS, HeardPiece

# Simplified: Taiwan's forms are undone too (著 for 着). Traditional: Taiwan's forms are those that most readers of it know; the
# vocabulary stays the speaker's.
CONVERSIONS = {"simplified": "tw2s", "traditional": "s2tw"}
# A speaker who pauses this long within a phrase would write a comma.
CLAUSE_PAUSE = 0.45
# Behind a phrase, a pause of this length ends the sentence; a shorter one is enough in a long sentence.
SENTENCE_PAUSE = 0.7
SENTENCE_PAUSES = ((0, SENTENCE_PAUSE), (36, 0.3), (60, -1.0))
QUESTION = re.compile(r"[吗嗎]$")
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
KANA_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
HALF_TO_FULL = str.maketrans(",?!:;", "，？！：；")
# A mark with Han on one side of it, and not between digits.
HALF_MARK = re.compile(r"(?<=[\u3400-\u9fff])[,?!:;]|[,?!:;](?=\s*[\u3400-\u9fff])")
FULL_STOP = re.compile(r"(?<=[\u3400-\u9fff])\.(?![\w.])")
SPACE_AT_MARK = re.compile(r"\s+(?=[，。？！：；、])|(?<=[，。？！：；、])\s+")
HAN_SPACE_HAN = re.compile(r"(?<=[\u3400-\u9fff])[ \u3000]+(?=[\u3400-\u9fff])")


def is_chinese(text: str) -> bool:
    """Return whether most of the text is Han characters, and none is Japanese or Korean script."""
    letters = re.findall(r"\w", text)
    return bool(letters) and not KANA_HANGUL.search(text) and len(HAN.findall(text)) * 2 >= len(letters)


def punctuate(heard: Sequence[HeardPiece]) -> list[HeardPiece]:
    """Return Chinese pieces with full-width marks, and with marks where the model wrote none. A piece never changes its times."""
    written: list[HeardPiece] = []
    said = 0  # characters since the last end of a sentence
    for i, piece in enumerate(heard):
        if not is_chinese(piece.text):
            written.append(piece)
            said = 0
            continue
        follows = heard[i + 1].start - piece.end if i + 1 < len(heard) and is_chinese(heard[i + 1].text) else float("inf")
        whole = _fill_in(_full_width(piece), follows, said)
        said = 0 if whole.text.rstrip(CLOSERS)[-1:] in SENTENCE_ENDS else said + len(whole.text)
        written.append(whole)
    return written


def write_chinese(heard: Sequence[HeardPiece], script: ChineseScript) -> list[HeardPiece]:
    """Convert Chinese sentences to the chosen script; keep the others as they are."""
    return [_convert(h, script) if is_chinese(h.text) else h for h in heard]


def in_script(text: str, script: ChineseScript) -> str:
    """Convert a written text: Chinese to the chosen script, with its punctuation; keep others as they are."""
    return text if script == "as_heard" or not is_chinese(text) else str(_converter(CONVERSIONS[script]).convert(text))


# --- punctuation ------------------------------------------------------------------------------------


def _full_width(piece: HeardPiece) -> HeardPiece:
    """Convert marks to the Chinese ones, without the spaces that belong to half-width ones."""
    joined = "".join(word.text for word in piece.words) or piece.text
    marked = HALF_MARK.sub(lambda m: m.group().translate(HALF_TO_FULL), FULL_STOP.sub("。", joined))
    gone = {i for m in SPACE_AT_MARK.finditer(marked) for i in range(*m.span())}
    if any(mark in marked for mark in "，。？！；"):
        gone |= {i for m in HAN_SPACE_HAN.finditer(marked) for i in range(*m.span())}
    if not piece.words:
        return replace(piece, text="".join(c for i, c in enumerate(marked) if i not in gone))
    words, at = [], 0
    for word in piece.words:
        text = "".join(marked[i] for i in range(at, at + len(word.text)) if i not in gone)
        words.append(replace(word, text=text))
        at += len(word.text)
    return _of_words(piece, words)


def _fill_in(piece: HeardPiece, follows: float, said: int) -> HeardPiece:
    """Insert commas at pauses if the model wrote no mark at all, and a mark at the end.

    `said` characters came before the piece in its sentence, and `follows` seconds of silence come after it."""
    words, text = list(piece.words), piece.text.strip()
    bare = not any(mark in text for mark in SENTENCE_ENDS + CLAUSE_ENDS)
    if bare and words:
        for i in range(len(words) - 1):
            if words[i + 1].start - words[i].end >= CLAUSE_PAUSE and HAN.search(words[i].text + words[i + 1].text):
                words[i] = replace(words[i], text=words[i].text.rstrip() + "，")
                words[i + 1] = replace(words[i + 1], text=words[i + 1].text.lstrip())
        text = "".join(word.text for word in words).strip()
    if bare and HAN_SPACE_HAN.search(text):
        text = HAN_SPACE_HAN.sub("，", text)
        words = _spaces_to_commas(words)
    if text.rstrip(CLOSERS)[-1:] in SENTENCE_ENDS + CLAUSE_ENDS:
        return replace(piece, text=text, words=tuple(words))
    mark = ("？" if QUESTION.search(text) else "。") if _sentence_is_over(follows, said + len(text)) else "，"
    if words:
        words[-1] = replace(words[-1], text=words[-1].text.rstrip() + mark)
    return replace(piece, text=text + mark, words=tuple(words))


def _sentence_is_over(follows: float, said: int) -> bool:
    return follows >= min(pause for characters, pause in SENTENCE_PAUSES if said >= characters)


def _spaces_to_commas(words: Sequence[Word]) -> list[Word]:
    """Replace spaces with commas: the model writes a space where it hears a break between phrases."""
    found = list(words)
    for i in range(1, len(found)):
        before, after = found[i - 1].text, found[i].text
        if (before[-1:].isspace() or after[:1].isspace()) and HAN.search(before) and HAN.search(after):
            found[i - 1] = replace(found[i - 1], text=before.rstrip() + "，")
            found[i] = replace(found[i], text=after.lstrip())
    return found


def _of_words(piece: HeardPiece, words: Sequence[Word]) -> HeardPiece:
    return replace(piece, text="".join(word.text for word in words), words=tuple(words))


# --- script -----------------------------------------------------------------------------------------


def _convert(segment: HeardPiece, script: ChineseScript) -> HeardPiece:
    if script == "as_heard":
        return segment
    converter = _converter(CONVERSIONS[script])
    return replace(segment, text=converter.convert(segment.text), words=_convert_words(segment.words, converter))


def _convert_words(words: Sequence[Word], converter: Any) -> tuple[Word, ...]:
    """Convert words within their sentence, which decides between characters (后 is 後 or 后)."""
    joined = "".join(word.text for word in words)
    converted = converter.convert(joined)
    if len(converted) != len(joined):
        return tuple(replace(word, text=converter.convert(word.text)) for word in words)
    texts, at = [], 0
    for word in words:
        texts.append(converted[at : at + len(word.text)])
        at += len(word.text)
    return tuple(replace(word, text=text) for word, text in zip(words, texts, strict=True))


@lru_cache
def _converter(name: str) -> Any:
    from opencc import OpenCC

    return OpenCC(name)
