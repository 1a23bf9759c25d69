"""Convert the model's tokens to words with times: cut at time stamps, aligned, joined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import merge_punctuations

from core.domain.transcripts.transcript import Word, is_cjk
from core.speech.audio.spans import longest_word

FRAMES_A_SECOND = 50  # of the encoder's output

# Punctuation that belongs to the word after it, and to the one before it.
PREPENDED = "\"'“¿([{-"

APPENDED = "\"'.。,，!！?？:：”)]}、"


# A pause inside a word is the aligner's error, not the speaker's.
LONGEST_WORD = 2.0

# Seconds that a word may be outside its passage's own times before those are used instead.
OUTSIDE = 0.3


@dataclass(frozen=True, slots=True)
class Passage:
    """The model's text between two of its time stamps. Times of `words` are seconds of the chunk."""

    text: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class PassageTokens:
    """The tokens of a passage: between two time stamps, in seconds of the chunk; `end` is None when the last stamp is missing."""

    text_tokens: tuple[int, ...]
    begin: float
    end: float | None


def cut_at_stamps(tokens: Sequence[int], tokenizer: Tokenizer) -> Iterator[PassageTokens]:
    """Cut at pairs of time stamps. The model writes `<start> text <end><start> text <end>`."""
    text: list[int] = []
    begin = 0.0
    for token in tokens:
        if token < tokenizer.timestamp_begin:
            if token < tokenizer.eot:
                text.append(token)
            continue
        at = (token - tokenizer.timestamp_begin) / FRAMES_A_SECOND
        if text:
            yield PassageTokens(tuple(text), begin, at)
            text = []
        begin = at
    if text:
        yield PassageTokens(tuple(text), begin, None)


def with_words(chunk: Sequence[PassageTokens], alignment: Any, tokenizer: Tokenizer) -> list[Passage]:
    tokens = [t for p in chunk for t in p.text_tokens]
    pieces = _pieces(tokens, alignment, tokenizer)
    merge_punctuations(pieces, PREPENDED, APPENDED)
    found, at = [], 0
    for passage in chunk:
        held: list[Word] = []
        room = len(passage.text_tokens)
        while at < len(pieces) and room > 0:
            piece = pieces[at]
            room -= piece["own"]
            at += 1
            if piece["word"]:
                end = min(piece["end"], piece["start"] + LONGEST_WORD)
                held.append(Word(float(piece["start"]), float(end), piece["word"], round(float(piece["probability"]), 3)))
        words = _within(join_pieces(held), passage)
        found.append(Passage("".join(w.text for w in words), words))
    return [p for p in found if any(c.isalnum() for c in p.text)]  # the model writes … or ♪ for sound that it does not understand


def _within(words: tuple[Word, ...], passage: PassageTokens) -> tuple[Word, ...]:
    """Move the first and last word inside the passage's own times if they are far outside, and limit the last to the length of a
    word: the aligner adds the sound before and behind them, even speech that the model left out.
    """
    if not words:
        return words
    first, *_, last = words if len(words) > 1 else (*words, *words)
    found = list(words)
    if first.start < passage.begin - OUTSIDE:
        found[0] = replace(first, start=min(passage.begin, first.end))
    if passage.end is not None and last.end > passage.end + OUTSIDE:
        found[-1] = replace(found[-1], end=max(passage.end, found[-1].start))
    found[-1] = replace(found[-1], end=min(found[-1].end, found[-1].start + longest_word(last.text)))
    return tuple(found)


def _pieces(tokens: Sequence[int], alignment: Any, tokenizer: Tokenizer) -> list[dict[str, Any]]:
    """Return words, or characters in text that mixes scripts or has no spaces, each with its times and mean probability."""
    texts, groups = _split([*tokens, tokenizer.eot], tokenizer)
    edges = np.concatenate([[0], np.cumsum([len(g) for g in groups[:-1]])]).astype(int)
    text_at = np.array([pair[0] for pair in alignment.alignments])
    time_at = np.array([pair[1] for pair in alignment.alignments])
    if len(groups) < 2 or not len(text_at):
        return []
    jumps = np.pad(np.diff(text_at), (1, 0), constant_values=1).astype(bool)
    times = time_at[jumps] / FRAMES_A_SECOND
    last = len(times) - 1
    return [
        {
            "word": text,
            "tokens": group,
            "own": len(group),
            "start": times[min(a, last)],
            # The silence after a sentence belongs to its full stop, not to its last word.
            "end": times[min(b - _marks(group, tokenizer), last)],
            "probability": np.mean(alignment.text_token_probs[a:b]) if b > a else 0.0,
        }
        for text, group, a, b in zip(texts, groups, edges[:-1], edges[1:], strict=False)
    ]


def _marks(group: Sequence[int], tokenizer: Tokenizer) -> int:
    """Return the number of tokens at the end of a word that are punctuation alone."""
    count = 0
    while count < len(group) - 1 and not any(c.isalnum() or c == "\ufffd" for c in tokenizer.decode([group[-1 - count]])):
        count += 1
    return count


def _split(tokens: list[int], tokenizer: Tokenizer) -> tuple[list[str], list[list[int]]]:
    """Split by spaces, unless some of the text is in a script without them: otherwise a Chinese sentence would be joined to the
    English word before it, and both get wrong times.
    """
    if any(is_cjk(c) for c in tokenizer.decode(tokens)):
        texts, groups = tokenizer.split_tokens_on_unicode(tokens)
    else:
        texts, groups = tokenizer.split_to_word_tokens(tokens)
    return list(texts), [list(g) for g in groups]


def join_pieces(pieces: Iterable[Word]) -> tuple[Word, ...]:
    """Join pieces of a word or number in a script with spaces, where text was split by character."""
    words: list[Word] = []
    for piece in pieces:
        last = words[-1] if words else None
        if last and _continues(last.text, piece.text):
            likely = round((last.probability + piece.probability) / 2, 3)
            words[-1] = Word(last.start, piece.end, last.text + piece.text, likely)
        else:
            words.append(piece)
    return tuple(words)


def _continues(before: str, after: str) -> bool:
    return before[-1:].isalnum() and after[:1].isalnum() and not is_cjk(before[-1]) and not is_cjk(after[0])
