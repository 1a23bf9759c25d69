"""Whisper on chunks of up to half a minute: from samples to words with times, a batch at a time.

    samples ─► features ─► encode ─┬─► languages: of the whole chunk, or of a slice of it
                                   └─► generate ─► cut at time stamps ─► align ─► Passage (words in seconds of the chunk)

faster-whisper's batched mode drops what stands behind the last time stamp of a chunk, for it expects to come back there,
which it does not; it aligns all chunks of a batch as if they spoke one language; and it fills a chunk up to 30 s with what
is no silence to the model. This decoder keeps the first, takes the second by chunk, and fills up with silence. Everything
else is faster-whisper's: features, prompt, tokens to suppress.

A slice of the encoder's output tells its language within milliseconds, since encoding is what costs. Its cost grows faster
than its length, and a batch is no cheaper on a processor than one chunk after the other: there each chunk is encoded in a
window of its own length, with a thread for each of several chunks (`workers`). A card gets batches of whole windows, and
reads each in several parts at once.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import numpy.typing as npt
from faster_whisper import WhisperModel
from faster_whisper.feature_extractor import FeatureExtractor
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_suppressed_tokens, merge_punctuations

from core.domain.transcripts.transcript import Word, is_cjk
from core.speech.audio.chunks import LONGEST_CHUNK
from core.speech.audio.decode import Samples
from core.speech.audio.spans import RATE, longest_word
from core.speech.models import hardware

# How a chunk is read, and how it is read otherwise when it repeats itself. Nothing is drawn at random, as higher temperatures
# would: what was heard must not depend on how often the work was interrupted, and CTranslate2 cannot be seeded anew.
WAYS: tuple[dict[str, Any], ...] = (
    {"beam_size": 5, "patience": 1.0},
    {"beam_size": 1},
    {"beam_size": 5, "patience": 1.0, "repetition_penalty": 1.1},
)
FRAMES_A_SECOND = 50  # of the encoder's output
# Punctuation that belongs to the word after it, and to the one before it.
PREPENDED = "\"'“¿([{-"
APPENDED = "\"'.。,，!！?？:：”)]}、"
# Seconds of silence behind a chunk, in a window that is shorter than the model's 30 s.

MARGIN = 4.0
SHORTEST_WINDOW = 15.0
# From a feature of the loudest sound down to silence, as the extractor scales them: 8 powers of ten, divided by 4.
SILENCE = 2.0
# More chunks at once than this take memory rather than save time.
MOST_WORKERS = 4
# Reading asks the card about every row before each token and waits for its answer: one thread leaves most of a card idle.
CARD_READERS = 4
# Bytes of the card's memory that one batch takes at the very least; CUDA needs some to load its kernels, too.
LEAST_FREE = 512 * 1024**2
# A pause inside a word is the aligner's mistake, not the speaker's.
LONGEST_WORD = 2.0
# Seconds by which the aligner may be outside of a passage's own times before these are believed.
OUTSIDE = 0.3

Features = npt.NDArray[np.float32]


class OutOfMemory(RuntimeError):
    """The card has no room for what was asked of it."""


class CardFailed(RuntimeError):
    """The card broke off. What is left of CUDA in this process cannot be trusted any more."""


def card_fault(error: RuntimeError) -> OutOfMemory | CardFailed:
    """What CTranslate2's error from the card means; cuBLAS has a word of its own for a lack of memory.

    On a full card Thrust, which CTranslate2 uses, reports an invalid device. So any fault of a card that still answers and
    has hardly anything free is a lack of memory.
    """
    text = str(error)
    full = "out of memory" in text.lower() or "CUBLAS_STATUS_ALLOC_FAILED" in text or _card_is_full()
    return OutOfMemory(text) if full else CardFailed(text)


def _card_is_full() -> bool:
    card = hardware.look().card
    return card is not None and card.free < LEAST_FREE


@contextmanager
def _card_faults(device: str) -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        if device != "cuda":
            raise
        raise card_fault(error) from error


@dataclass(frozen=True, slots=True)
class Passage:
    """What the model wrote between two of its time stamps. Times of `words` are seconds of the chunk."""

    text: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class DecodedText:
    """One chunk, read once. `mean_log_probability` is by token, `no_speech` the model's own doubt that anybody speaks."""

    passages: tuple[Passage, ...]
    mean_log_probability: float
    no_speech: float

    @property
    def text(self) -> str:
        return "".join(p.text for p in self.passages)

    @property
    def words(self) -> list[Word]:
        return [w for p in self.passages for w in p.words]

    @property
    def compression(self) -> float:
        """How many times shorter the text gets when it is compressed: above 2.4 it repeats itself."""
        data = self.text.encode()
        return len(data) / len(zlib.compress(data)) if data else 0.0


@dataclass(frozen=True)
class Encoded:
    """The encoder's output for some chunks, in the model's own memory."""

    output: Any
    seconds: tuple[float, ...]

    def __len__(self) -> int:
        return len(self.seconds)

    @cached_property
    def array(self) -> npt.NDArray[np.float32]:
        """(chunks, frames, states), as float32 in main memory; fetched once. Raises OutOfMemory, CardFailed."""
        with _card_faults(self.output.device):
            # Converted where it lies: a card does that at once, CTranslate2's processor code takes longer than the encoder.
            return np.array(self.output.to(ctranslate2.DataType.float32).to_device(ctranslate2.Device.cpu))

    def pick(self, indices: Sequence[int]) -> Encoded:
        if list(indices) == list(range(len(self))):
            return self
        return Encoded(_storage(self.array[list(indices)]), tuple(self.seconds[i] for i in indices))


class Decoder:
    """A faster-whisper model on a device. Loading raises RuntimeError or ValueError when it does not fit or work there.

    Every call raises OutOfMemory or CardFailed when the card does.
    """

    def __init__(self, folder: Path, *, device: str, compute_type: str, threads: int) -> None:
        on_processor = device == "cpu"
        # How many chunks are decoded at once, each by itself; on a card, how many parts of a batch are read at once.
        self.workers = min(threads, MOST_WORKERS if on_processor else CARD_READERS)
        self._model = WhisperModel(
            str(folder),
            device=device,
            compute_type=compute_type,
            cpu_threads=max(threads // self.workers, 1),
            num_workers=self.workers,
            local_files_only=True,
        )
        self._device = device
        self.apart = on_processor
        self._match_features()
        self._tokenizers: dict[str, Tokenizer] = {}
        self.compute_type: str = self._model.model.compute_type
        self.multilingual: bool = self._model.model.is_multilingual

    def _match_features(self) -> None:
        """As many mel bands as the weights take: a folder filled by hand may lack the file that says so, and large-v3 has 128."""
        bands = self._model.model.n_mels
        if self._model.feat_kwargs.get("feature_size", 80) != bands:
            self._model.feature_extractor = FeatureExtractor(**self._model.feat_kwargs | {"feature_size": bands})

    def features(self, samples: Samples) -> Features:
        """(mel bands, frames of 10 ms) of at most 30 s, filled up with silence to the window that they are encoded in."""
        extractor = self._model.feature_extractor
        window = int(self.window(len(samples) / RATE) * extractor.nb_max_frames / LONGEST_CHUNK)
        found = extractor(samples)[..., :window]
        silence = found.max(initial=0.0) - SILENCE
        return np.pad(found, ((0, 0), (0, window - found.shape[-1])), constant_values=silence).astype(np.float32)

    def window(self, seconds: float) -> float:
        """Seconds that are encoded for a chunk that lasts `seconds`."""
        return min(max(math.ceil(seconds + MARGIN), SHORTEST_WINDOW), LONGEST_CHUNK) if self.apart else LONGEST_CHUNK

    def encode(self, features: Sequence[Features], seconds: Sequence[float]) -> Encoded:
        """Chunks of one window, each with the seconds that it lasts."""
        with _card_faults(self._device):
            return Encoded(self._model.encode(np.stack(features)), tuple(seconds))

    def languages(self, encoded: Encoded) -> list[dict[str, float]]:
        """Language code → probability, for each chunk."""
        with _card_faults(self._device):
            found = self._model.model.detect_language(encoded.output)
        return [{token[2:-2]: float(probability) for token, probability in row} for row in found]

    def slice_languages(self, array: npt.NDArray[np.float32], slices: Sequence[tuple[float, float]]) -> list[dict[str, float]]:
        """The same of slices, in seconds, of one chunk's encoder output (frames, states)."""
        found = []
        for begin, end in slices:
            a, b = int(begin * FRAMES_A_SECOND), max(int(end * FRAMES_A_SECOND), int(begin * FRAMES_A_SECOND) + 1)
            found += self.languages(Encoded(_storage(array[None, a:b]), (end - begin,)))
        return found

    def read(self, encoded: Encoded, language: str, *, way: int = 0, example: str = "") -> list[DecodedText]:
        """Every chunk, in one language; in one of WAYS. `example` is what the model takes for the text before it."""
        tokenizer = self._tokenizer(language)
        prompt = self._model.get_prompt(tokenizer, tokenizer.encode(example) if example else [])
        with _card_faults(self._device):
            results = self._model.model.generate(
                encoded.output,
                [prompt] * len(encoded),
                length_penalty=1.0,
                max_length=self._model.max_length,
                return_scores=True,
                return_no_speech_prob=True,
                suppress_blank=True,
                suppress_tokens=list(get_suppressed_tokens(tokenizer, [-1]) or ()),
                max_initial_timestamp_index=FRAMES_A_SECOND,
                **WAYS[way],
            )
        passages = [list(_passages(r.sequences_ids[0], tokenizer)) for r in results]
        words = self._words(encoded, passages, tokenizer)
        readings = []
        for result, found in zip(results, words, strict=True):
            length = len(result.sequences_ids[0])
            readings.append(DecodedText(tuple(found), result.scores[0] * length / (length + 1), float(result.no_speech_prob)))
        return readings

    def prove(self) -> None:
        """Recognises half a minute of silence: libraries that are missing and memory that is short show here, not later."""
        encoded = self.encode([self.features(np.zeros(int(LONGEST_CHUNK) * RATE, dtype=np.float32))], [LONGEST_CHUNK])
        if self.multilingual:
            self.languages(encoded)
        else:  # such a model cannot be asked
            self.read(encoded, "en")

    def _words(self, encoded: Encoded, passages: Sequence[Sequence[_Tokens]], tokenizer: Tokenizer) -> Iterator[list[Passage]]:
        """Passages with their words, chunk after chunk."""
        said = [i for i, found in enumerate(passages) if any(p.text_tokens for p in found)]
        aligned: dict[int, Any] = {}
        if said:
            part = encoded.pick(said)
            frames = [max(int(np.ceil(s)) * 100, 100) for s in part.seconds]
            tokens = [[t for p in passages[i] for t in p.text_tokens] for i in said]
            with _card_faults(self._device):
                found = self._model.model.align(part.output, tokenizer.sot_sequence, tokens, frames, median_filter_width=7)
            aligned = dict(zip(said, found, strict=True))
        for i, chunk in enumerate(passages):
            if i not in aligned:
                yield []
                continue
            yield _with_words(chunk, aligned[i], tokenizer)

    def _tokenizer(self, language: str) -> Tokenizer:
        if language not in self._tokenizers:
            self._tokenizers[language] = Tokenizer(
                self._model.hf_tokenizer,
                self.multilingual,
                task="transcribe" if self.multilingual else None,
                language=language if self.multilingual else "en",
            )
        return self._tokenizers[language]


@dataclass(frozen=True, slots=True)
class _Tokens:
    """A passage before it has words: between two time stamps, in seconds of the chunk; `end` is None when there is none."""

    text_tokens: tuple[int, ...]
    begin: float
    end: float | None


def _passages(tokens: Sequence[int], tokenizer: Tokenizer) -> Iterator[_Tokens]:
    """Cuts at pairs of time stamps. The model writes `<start> text <end><start> text <end>`."""
    text: list[int] = []
    begin = 0.0
    for token in tokens:
        if token < tokenizer.timestamp_begin:
            if token < tokenizer.eot:
                text.append(token)
            continue
        at = (token - tokenizer.timestamp_begin) / FRAMES_A_SECOND
        if text:
            yield _Tokens(tuple(text), begin, at)
            text = []
        begin = at
    if text:
        yield _Tokens(tuple(text), begin, None)


def _with_words(chunk: Sequence[_Tokens], alignment: Any, tokenizer: Tokenizer) -> list[Passage]:
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
    return [p for p in found if any(c.isalnum() for c in p.text)]  # the model writes … or ♪ where it understands nothing


def _within(words: tuple[Word, ...], passage: _Tokens) -> tuple[Word, ...]:
    """The first and last word inside the passage's own times, where the aligner has them far outside, and the last no longer
    than a word: the aligner gives them whatever stands before and behind, also speech that the model left out."""
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
    """Words, or characters in text that mixes scripts or has no spaces, each with its times and mean probability."""
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
            # The silence behind a sentence belongs to its full stop, not to its last word.
            "end": times[min(b - _marks(group, tokenizer), last)],
            "probability": np.mean(alignment.text_token_probs[a:b]) if b > a else 0.0,
        }
        for text, group, a, b in zip(texts, groups, edges[:-1], edges[1:], strict=False)
    ]


def _marks(group: Sequence[int], tokenizer: Tokenizer) -> int:
    """How many tokens at the end of a word are punctuation alone."""
    count = 0
    while count < len(group) - 1 and not any(c.isalnum() or c == "\ufffd" for c in tokenizer.decode([group[-1 - count]])):
        count += 1
    return count


def _split(tokens: list[int], tokenizer: Tokenizer) -> tuple[list[str], list[list[int]]]:
    """By spaces, unless some of the text is of a script without them: by the rule of spaces a Chinese sentence would be
    glued to the English word before it, and both get wrong times."""
    if any(is_cjk(c) for c in tokenizer.decode(tokens)):
        texts, groups = tokenizer.split_tokens_on_unicode(tokens)
    else:
        texts, groups = tokenizer.split_to_word_tokens(tokens)
    return list(texts), [list(g) for g in groups]


def join_pieces(pieces: Iterable[Word]) -> tuple[Word, ...]:
    """Whole words: where text was split by character, pieces of a word or number in a script with spaces are joined again."""
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


def _storage(array: npt.NDArray[np.float32]) -> Any:
    return ctranslate2.StorageView.from_array(np.ascontiguousarray(array))
