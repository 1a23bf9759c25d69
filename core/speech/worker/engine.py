"""Transcribe all of a stretch of audio with a loaded model; speech without words is decoded again.

    Track.speech ─► chunks that end in pauses ─► a batch ─► encode ─► which language? ─► decode ┬─► words ─► Heard
                            ▲                                   │ two languages in it            │
                            │◄──────────────────────────────────┘                                ├─► a loop: decoded with other
                            │◄── speech without words, as chunks of the next round ◄─────────────┤   options, then in smaller
                            │                                                                    │   pieces, then Refused
                            └── up to six rounds; text that the model then doubts is Refused ◄───┘

The earliest chunks in the audio go first, whatever their round, so that all speech before a position is settled and can be
returned. Batches bound memory and allow progress reports and cancellation; a batch that does not fit the card is halved. While
one is decoded, the next is prepared: its features, and on a processor, where each chunk is decoded by itself, everything up to
decoding.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from core.domain.transcripts.transcript import SpeechEngine
from core.speech.audio.windows import Track
from core.speech.worker.batches import Batch, RefusedSpan
from core.speech.worker.card_faults import CardFailed, OutOfMemory, card_fault
from core.speech.worker.decoder import Decoder
from core.speech.worker.hearing import Hearing

__all__ = ["Batch", "CardFailed", "OutOfMemory", "Recognizer", "RefusedSpan", "card_fault"]


class Recognizer:
    """A model on a device. Loading raises RuntimeError or ValueError when it does not fit or work there."""

    def __init__(self, folder: Path, name: str, *, device: str, compute_type: str, batch_size: int, threads: int) -> None:
        self.decoder = Decoder(folder, device=device, compute_type=compute_type, threads=threads)
        self.engine = SpeechEngine(name, device, self.decoder.compute_type, batch_size)

    def prove(self) -> None:
        """Recognise half a minute of silence: a missing library or a lack of memory then fails here, not later."""
        self.decoder.prove()

    def hear(self, track: Track, offset: float, *, language: str | None = None, before: str | None = None) -> Iterator[Batch]:
        """Yield batch after batch of a track that begins at second `offset` of the file.

        `language` is the only language, if the user set one; otherwise each chunk's is detected, and `before` is the language
        spoken last. Raises OutOfMemory, CardFailed.
        """
        if not self.decoder.multilingual:
            language = "en"
        # On a card one thread prepares while the others wait for it.
        threads = max(self.decoder.workers, 2) if self.decoder.apart else self.decoder.workers + 1
        pool = ThreadPoolExecutor(threads, thread_name_prefix="speech-hearing")
        try:
            hearing = Hearing(self.decoder, pool, track, offset, fixed=language, before=before)
            yield from hearing.batches(self.engine.batch_size)
        finally:
            pool.shutdown(cancel_futures=True)
