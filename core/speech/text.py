"""Chinese as its readers write it: punctuated, and in the script that they chose.

    segments ─► fill in missing punctuation from pauses ─► simplified | traditional | as heard

Other languages pass through untouched.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from core.domain.transcript import Word
from core.speech.request import ChineseScript
from core.speech.sentences import CLAUSE_ENDS, CLOSERS, SENTENCE_ENDS, Heard

# Shown before every chunk, so that the model goes on in the same manner: with punctuation.
PROMPTS = {"simplified": "以下是普通话的句子，请听。", "traditional": "以下是普通話的句子，請聽。"}
# Taiwan's forms are those that most readers of traditional script know; the vocabulary stays the speaker's.
CONVERSIONS = {"simplified": "t2s", "traditional": "s2tw"}
# A speaker who pauses this long within a sentence would write a comma.
CLAUSE_PAUSE = 0.45
# Segments closer than this were cut by the model in the middle of a sentence.
SENTENCE_PAUSE = 0.25
QUESTION = re.compile(r"(吗|嗎|呢|么|麼)$")
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
KANA_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
HAN_SPACE_HAN = re.compile(r"(?<=[\u3400-\u9fff])[ \u3000]+(?=[\u3400-\u9fff])")


def is_chinese(text: str) -> bool:
    """Whether most of the text is Han characters, and none is Japanese or Korean script."""
    letters = re.findall(r"\w", text)
    return bool(letters) and not KANA_HANGUL.search(text) and len(HAN.findall(text)) * 2 >= len(letters)


def prompt_for(language: str | None, script: ChineseScript) -> str | None:
    """The text to show to the model before it listens, None for languages that come with punctuation by themselves."""
    return PROMPTS.get(script, PROMPTS["simplified"]) if language in ("zh", "yue") else None


def write_chinese(heard: Sequence[Heard], script: ChineseScript) -> list[Heard]:
    """Chinese segments punctuated and converted; the others as they are. A segment never changes its times."""
    written = []
    for i, segment in enumerate(heard):
        if not is_chinese(segment.text):
            written.append(segment)
            continue
        follows = heard[i + 1].start - segment.end if i + 1 < len(heard) else float("inf")
        written.append(_convert(_punctuate(segment, follows), script))
    return written


def _punctuate(segment: Heard, follows: float) -> Heard:
    """Fills in what the model left out: commas at pauses if it wrote no mark at all, and a mark at the end."""
    words, text = list(segment.words), segment.text.strip()
    bare = not any(mark in text for mark in SENTENCE_ENDS + CLAUSE_ENDS)
    if bare and words:
        for i in range(len(words) - 1):
            if words[i + 1].start - words[i].end >= CLAUSE_PAUSE and HAN.search(words[i].text + words[i + 1].text):
                words[i] = replace(words[i], text=words[i].text.rstrip() + "，")
        text = "".join(word.text for word in words).strip()
    if bare:
        text = HAN_SPACE_HAN.sub("，", text)
    ending = text.rstrip(CLOSERS)[-1:]
    if ending not in SENTENCE_ENDS + CLAUSE_ENDS:
        mark = "，" if follows < SENTENCE_PAUSE else "？" if QUESTION.search(text) else "。"
        text += mark
        if words:
            words[-1] = replace(words[-1], text=words[-1].text.rstrip() + mark)
    return replace(segment, text=text, words=tuple(words))


def in_script(text: str, script: ChineseScript) -> str:
    """A text that somebody wrote: Chinese in the script that was chosen, with its punctuation; others as they are."""
    return text if script == "as_heard" or not is_chinese(text) else str(_converter(CONVERSIONS[script]).convert(text))


def _convert(segment: Heard, script: ChineseScript) -> Heard:
    if script == "as_heard":
        return segment
    converter = _converter(CONVERSIONS[script])
    return replace(segment, text=converter.convert(segment.text), words=_convert_words(segment.words, converter))


def _convert_words(words: Sequence[Word], converter: Any) -> tuple[Word, ...]:
    """Words are converted within their sentence, which decides between characters (后 is 後 or 后)."""
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
