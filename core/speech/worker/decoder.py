"""Run Whisper on chunks of up to half a minute: from samples to words with times, a batch at a time.

    samples ─► features ─► encode ─┬─► languages: of the whole chunk, or of a slice of it
                                   └─► generate ─► cut at time stamps ─► align ─► Passage (words in seconds of the chunk)

faster-whisper's batched mode has three faults: it drops the text behind the last time stamp of a chunk, in the wrong expectation
of decoding from there again; it aligns all chunks of a batch as if they were in one language; and it pads a chunk to 30 s with
values that the model does not take for silence. This decoder keeps that text, aligns by chunk, and pads with silence. Everything
else is faster-whisper's: features, prompt, suppressed tokens.

The language of a slice of the encoder's output takes milliseconds, because encoding dominates the cost. That cost grows faster
than the chunk's length, and on a processor a batch is no cheaper than one chunk after the other: there each chunk is encoded in a
window of its own length, with a thread for each of several chunks (`workers`). A card gets batches of whole windows, and decodes
each in several parts at once.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import numpy.typing as npt
from faster_whisper import WhisperModel
from faster_whisper.feature_extractor import FeatureExtractor
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_suppressed_tokens

from core.domain.transcripts.transcript import Word
from core.speech.audio.chunks import LONGEST_CHUNK
from core.speech.audio.decode import Samples
from core.speech.audio.spans import RATE
from core.speech.worker.card_faults import card_faults
from core.speech.worker.passages import FRAMES_A_SECOND, Passage, PassageTokens, cut_at_stamps, with_words

# The decoding options, and the alternatives when a chunk repeats itself. There is no random sampling, as at higher temperatures:
# the text must not depend on the number of interruptions, and CTranslate2 cannot be reseeded.
WAYS: tuple[dict[str, Any], ...] = (
    {"beam_size": 5, "patience": 1.0},
    {"beam_size": 1},
    {"beam_size": 5, "patience": 1.0, "repetition_penalty": 1.1},
)
# Seconds of silence behind a chunk, in a window that is shorter than the model's 30 s.
MARGIN = 4.0
SHORTEST_WINDOW = 15.0
# The difference between the features of the loudest sound and of silence in the extractor's scale: 8 powers of ten, divided by 4.
SILENCE = 2.0
# More chunks at once than this cost memory without saving time.
MOST_WORKERS = 4
# Decoding asks the card about every row before each token and waits for its answer: one thread leaves most of a card idle.
CARD_READERS = 4

Features = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class DecodedText:
    """The text of one chunk from one decoding. `mean_log_probability` is by token, `no_speech` the model's probability of no
    speech.
    """

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
        """Return the compression ratio of the text: above 2.4 it repeats itself."""
        data = self.text.encode()
        return len(data) / len(zlib.compress(data)) if data else 0.0


@dataclass(frozen=True)
class Encoded:
    """The encoder's output for some chunks, on the model's device."""

    output: Any
    seconds: tuple[float, ...]

    def __len__(self) -> int:
        return len(self.seconds)

    @cached_property
    def array(self) -> npt.NDArray[np.float32]:
        """Return the output, shape (chunks, frames, states), as float32 in main memory; fetched once. Raises OutOfMemory,
        CardFailed.
        """
        with card_faults(self.output.device):
            # Converted on the device: a card does that at once, while CTranslate2's CPU code takes longer than the encoder.
            return np.array(self.output.to(ctranslate2.DataType.float32).to_device(ctranslate2.Device.cpu))

    def pick(self, indices: Sequence[int]) -> Encoded:
        if list(indices) == list(range(len(self))):
            return self
        return Encoded(_storage(self.array[list(indices)]), tuple(self.seconds[i] for i in indices))


class Decoder:
    """A faster-whisper model on a device. Loading raises RuntimeError or ValueError when it does not fit or work there.

    Every method that uses the card raises OutOfMemory or CardFailed when the card does.
    """

    def __init__(self, folder: Path, *, device: str, compute_type: str, threads: int) -> None:
        on_processor = device == "cpu"
        # The number of chunks decoded at once, each by itself; on a card, the number of parts of a batch decoded at once.
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
        """Set the number of mel bands from the weights (large-v3: 128): a folder filled by hand may lack the file with it."""
        bands = self._model.model.n_mels
        if self._model.feat_kwargs.get("feature_size", 80) != bands:
            self._model.feature_extractor = FeatureExtractor(**self._model.feat_kwargs | {"feature_size": bands})

    def features(self, samples: Samples) -> Features:
        """Return features, shape (mel bands, frames of 10 ms), of at most 30 s, padded with silence to the encoding window."""
        extractor = self._model.feature_extractor
        window = int(self.window(len(samples) / RATE) * extractor.nb_max_frames / LONGEST_CHUNK)
        found = extractor(samples)[..., :window]
        silence = found.max(initial=0.0) - SILENCE
        return np.pad(found, ((0, 0), (0, window - found.shape[-1])), constant_values=silence).astype(np.float32)

    def window(self, seconds: float) -> float:
        """Return the seconds that are encoded for a chunk of `seconds`."""
        return min(max(math.ceil(seconds + MARGIN), SHORTEST_WINDOW), LONGEST_CHUNK) if self.apart else LONGEST_CHUNK

    def encode(self, features: Sequence[Features], seconds: Sequence[float]) -> Encoded:
        """Encode chunks of one window size; `seconds` are their durations."""
        with card_faults(self._device):
            return Encoded(self._model.encode(np.stack(features)), tuple(seconds))

    def languages(self, encoded: Encoded) -> list[dict[str, float]]:
        """Return the probability of each language code, for each chunk."""
        with card_faults(self._device):
            found = self._model.model.detect_language(encoded.output)
        return [{token[2:-2]: float(probability) for token, probability in row} for row in found]

    def slice_languages(self, array: npt.NDArray[np.float32], slices: Sequence[tuple[float, float]]) -> list[dict[str, float]]:
        """Return the same for slices, in seconds, of one chunk's encoder output (frames, states)."""
        found = []
        for begin, end in slices:
            a, b = int(begin * FRAMES_A_SECOND), max(int(end * FRAMES_A_SECOND), int(begin * FRAMES_A_SECOND) + 1)
            found += self.languages(Encoded(_storage(array[None, a:b]), (end - begin,)))
        return found

    def read(self, encoded: Encoded, language: str, *, way: int = 0, example: str = "") -> list[DecodedText]:
        """Decode every chunk, in one language, with one of WAYS. `example` is given to the model as the preceding text."""
        tokenizer = self._tokenizer(language)
        prompt = self._model.get_prompt(tokenizer, tokenizer.encode(example) if example else [])
        with card_faults(self._device):
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
        passages = [list(cut_at_stamps(r.sequences_ids[0], tokenizer)) for r in results]
        words = self._words(encoded, passages, tokenizer)
        readings = []
        for result, found in zip(results, words, strict=True):
            length = len(result.sequences_ids[0])
            readings.append(DecodedText(tuple(found), result.scores[0] * length / (length + 1), float(result.no_speech_prob)))
        return readings

    def prove(self) -> None:
        """Recognise half a minute of silence: a missing library or a lack of memory then fails here, not later."""
        encoded = self.encode([self.features(np.zeros(int(LONGEST_CHUNK) * RATE, dtype=np.float32))], [LONGEST_CHUNK])
        if self.multilingual:
            self.languages(encoded)
        else:  # a model without language detection
            self.read(encoded, "en")

    def _words(
        self, encoded: Encoded, passages: Sequence[Sequence[PassageTokens]], tokenizer: Tokenizer
    ) -> Iterator[list[Passage]]:
        """Yield the passages of each chunk with their words."""
        said = [i for i, found in enumerate(passages) if any(p.text_tokens for p in found)]
        aligned: dict[int, Any] = {}
        if said:
            part = encoded.pick(said)
            frames = [max(int(np.ceil(s)) * 100, 100) for s in part.seconds]
            tokens = [[t for p in passages[i] for t in p.text_tokens] for i in said]
            with card_faults(self._device):
                found = self._model.model.align(part.output, tokenizer.sot_sequence, tokens, frames, median_filter_width=7)
            aligned = dict(zip(said, found, strict=True))
        for i, chunk in enumerate(passages):
            if i not in aligned:
                yield []
                continue
            yield with_words(chunk, aligned[i], tokenizer)

    def _tokenizer(self, language: str) -> Tokenizer:
        if language not in self._tokenizers:
            self._tokenizers[language] = Tokenizer(
                self._model.hf_tokenizer,
                self.multilingual,
                task="transcribe" if self.multilingual else None,
                language=language if self.multilingual else "en",
            )
        return self._tokenizers[language]


def _storage(array: npt.NDArray[np.float32]) -> Any:
    return ctranslate2.StorageView.from_array(np.ascontiguousarray(array))
