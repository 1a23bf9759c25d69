"""A loaded model and what it hears: faster-whisper in batches, with time stamps, one stretch of audio at a time.

    Stretch.speech ─► chunks of up to 30 s, silence left out ─► batches ─► decode + align ─► times of the file ─► Heard

Voice activity was detected once, in `core.speech.windows`. Batched mode with time stamps loses fewer words than its default
without; one call a batch bounds memory, lets progress and cancel through, and lets a batch that does not fit be halved.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.feature_extractor import FeatureExtractor
from faster_whisper.transcribe import Segment as RawSegment
from faster_whisper.transcribe import restore_speech_timestamps

from core.domain.transcript import SpeechEngine, Word, is_cjk
from core.speech.decode import RATE, Samples
from core.speech.phantoms import is_weak
from core.speech.sentences import Heard
from core.speech.windows import LONGEST_CHUNK, Stretch

Span = tuple[int, int]
BEAM = 5
# The language of a show is kept unless a window plainly speaks another.
SURE = 0.6
DOUBTFUL = 0.2
# Languages whose words faster-whisper tells apart by character.
SPACELESS = frozenset({"zh", "yue", "ja", "th", "lo", "my"})


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch heard. `position` is the sample, relative to the stretch, up to which all speech has been heard."""

    position: int
    heard: tuple[Heard, ...]


@dataclass(frozen=True, slots=True)
class Language:
    """A language code; `mixed` when others are spoken as well, so that each chunk has to be asked for its own."""

    name: str | None
    mixed: bool = False


class Pipeline(BatchedInferencePipeline):  # type: ignore[misc]
    """The batched pipeline, able to tell words apart in text that mixes scripts.

    faster-whisper splits words by the rule of one language; by that of English, a Chinese sentence is glued to the English
    word before it, and both get wrong times. Splitting by characters suits all scripts; `_join_pieces` mends Latin words.
    """

    by_character = False

    def forward(self, features: Any, tokenizer: Any, chunks_metadata: Any, options: Any) -> Any:
        if self.by_character:
            tokenizer.language_code = "zh"
        return super().forward(features, tokenizer, chunks_metadata, options)


class OutOfMemory(Exception):
    """The card has no room for what was asked of it."""


class CardFailed(Exception):
    """The card broke off. What is left of CUDA in this process cannot be trusted any more."""


def card_fault(error: RuntimeError) -> OutOfMemory | CardFailed:
    """What CTranslate2's error from the card means; cuBLAS has a word of its own for a lack of memory."""
    text = str(error)
    full = "out of memory" in text.lower() or "CUBLAS_STATUS_ALLOC_FAILED" in text
    return OutOfMemory(text) if full else CardFailed(text)


class Recognizer:
    """A faster-whisper model on a device. Loading raises RuntimeError or ValueError when it does not fit or work there."""

    def __init__(self, folder: Path, name: str, *, device: str, compute_type: str, batch_size: int, threads: int) -> None:
        self._model = WhisperModel(
            str(folder), device=device, compute_type=compute_type, cpu_threads=threads, local_files_only=True
        )
        self._match_features()
        self._pipeline = Pipeline(self._model)
        self.engine = SpeechEngine(name, device, self._model.model.compute_type, batch_size)

    def _match_features(self) -> None:
        """As many mel bands as the weights take: a folder filled by hand may lack the file that says so, and large-v3 has 128."""
        bands = self._model.model.n_mels
        if self._model.feat_kwargs.get("feature_size", 80) != bands:
            self._model.feature_extractor = FeatureExtractor(**self._model.feat_kwargs | {"feature_size": bands})

    def prove(self) -> None:
        """Recognises half a minute of silence: libraries that are missing and memory that is short show here, not later."""
        self._model.detect_language(audio=np.zeros(int(LONGEST_CHUNK) * RATE, dtype=np.float32))

    def language(self, stretch: Stretch, kept: str | None) -> Language:
        """The language of a stretch: `kept` unless it plainly speaks another; without a name when nobody has spoken yet.

        Raises OutOfMemory, CardFailed.
        """
        if not self._model.model.is_multilingual:
            return Language("en")
        chunks = pack(stretch.speech)
        votes: dict[str, float] = {}
        plain: set[str] = set()
        looked_at = _spread(len(chunks))
        for count, index in enumerate(looked_at, 1):
            heard = self._hear_language(_splice(stretch.samples, chunks[index]))
            plain |= {name for name, probability in heard if probability >= SURE}
            for name, probability in heard:
                votes[name] = votes.get(name, 0.0) + probability
            if kept and count == 1 and votes.get(kept, 0.0) >= DOUBTFUL:
                return Language(kept)
        best = max(votes, key=lambda name: votes[name], default=None)
        if best is None or (kept and votes[best] / len(looked_at) < SURE):
            best = kept
        return Language(best, mixed=len(plain) > 1)

    def hear(self, stretch: Stretch, language: Language, prompt: str | None) -> Iterator[Batch]:
        """Batch after batch of the stretch, in seconds of the whole file. Raises OutOfMemory, CardFailed."""
        chunks = pack(stretch.speech)
        at, size = 0, self.engine.batch_size
        self._pipeline.by_character = language.mixed
        while at < len(chunks):
            batch = chunks[at : at + size]
            try:
                with self._card_faults():
                    heard = self._hear_batch(stretch, batch, language, prompt)
            except OutOfMemory:
                if size == 1:
                    raise
                size //= 2
                continue
            at += len(batch)
            end = chunks[at][0][0] if at < len(chunks) else len(stretch.samples)
            yield Batch((batch[-1][-1][1] + end) // 2 if at < len(chunks) else end, heard)

    def _hear_batch(self, stretch: Stretch, batch: list[list[Span]], language: Language, prompt: str | None) -> tuple[Heard, ...]:
        """One batch; once more, and from then on by character, when another script turns up in a language with spaces."""
        heard = tuple(self._transcribe(stretch, batch, language, prompt))
        glued = language.name not in SPACELESS and any(is_cjk(char) for h in heard for char in h.text)
        if glued and not self._pipeline.by_character:
            self._pipeline.by_character = True
            heard = tuple(self._transcribe(stretch, batch, language, prompt))
        return heard

    def _transcribe(self, stretch: Stretch, batch: list[list[Span]], language: Language, prompt: str | None) -> Iterator[Heard]:
        spans = list(itertools.chain.from_iterable(batch))
        ends = list(itertools.accumulate(sum(end - begin for begin, end in chunk) for chunk in batch))
        # Half a sample more, for the seconds are cut down to whole samples again.
        clips = [{"start": (a + 0.5) / RATE, "end": (b + 0.5) / RATE} for a, b in itertools.pairwise([0, *ends])]
        raw, _ = self._pipeline.transcribe(
            _splice(stretch.samples, spans),
            language=language.name,
            multilingual=language.mixed,
            beam_size=BEAM,
            batch_size=len(batch),
            clip_timestamps=clips,
            without_timestamps=False,
            word_timestamps=True,
            initial_prompt=prompt,
        )
        offset = stretch.start / RATE
        for segment in restore_speech_timestamps(raw, [{"start": a, "end": b} for a, b in spans], RATE):
            yield _heard(segment, offset)

    def _hear_language(self, samples: Samples) -> list[tuple[str, float]]:
        with self._card_faults():
            _, _, probabilities = self._model.detect_language(audio=samples)
        return list(probabilities)

    @contextmanager
    def _card_faults(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:
            if self.engine.device != "cuda":
                raise
            raise card_fault(error) from error


def pack(speech: Sequence[Span]) -> list[list[Span]]:
    """Neighbouring spans gathered into chunks of at most 30 s of speech."""
    chunks: list[list[Span]] = []
    room = 0
    for begin, end in speech:
        if end - begin > room:
            chunks.append([])
            room = int(LONGEST_CHUNK * RATE)
        chunks[-1].append((begin, end))
        room -= end - begin
    return chunks


def _splice(samples: Samples, spans: Sequence[Span]) -> Samples:
    return np.concatenate([samples[begin:end] for begin, end in spans])


def _spread(count: int) -> list[int]:
    """Up to three indices from all over, a middle one first."""
    return list(dict.fromkeys([count // 2, count // 5, count * 4 // 5])) if count else []


def _join_pieces(pieces: Iterable[Word]) -> tuple[Word, ...]:
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


def _heard(segment: RawSegment, offset: float) -> Heard:
    pieces = (Word(w.start + offset, w.end + offset, w.word, round(float(w.probability), 3)) for w in segment.words or ())
    words = _join_pieces(pieces)
    weak = is_weak(
        mean_log_probability=segment.avg_logprob,
        no_speech=segment.no_speech_prob,
        word_probabilities=[w.probability for w in words],
        characters=len(segment.text) / max(segment.end - segment.start, 0.1),
    )
    return Heard(segment.start + offset, segment.end + offset, segment.text, words, weak)
