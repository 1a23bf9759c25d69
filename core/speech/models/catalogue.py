"""List the Whisper models that a reader chooses from, with their size, their quality, and their work compared with each other.

Quality goes by the order of published word error rates (the Whisper paper, the Open ASR Leaderboard). Work on a graphics card
goes by the relative speeds that OpenAI publishes; on a processor by the multiplications of encoder and decoder, at a rate that
was measured with base and tiny.en (int8, beam of 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Quality = Literal["basic", "fair", "good", "very_good", "best"]


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model by its name of faster-whisper.

    `size` is the download in bytes. `cpu_work` and `cuda_work` are seconds for the same audio, as multiples of those of base.
    """

    name: str
    size: int
    quality: Quality
    cpu_work: float
    cuda_work: float
    english_only: bool = False

    def work(self, device: str) -> float:
        return self.cuda_work if device == "cuda" else self.cpu_work


_MB = 1_000_000
MODELS = (
    ListedModel("tiny", 78 * _MB, "basic", 0.5, 0.7),
    ListedModel("base", 148 * _MB, "fair", 1.0, 1.0),
    ListedModel("small", 486 * _MB, "good", 3.3, 1.75),
    ListedModel("medium", 1530 * _MB, "very_good", 10.0, 3.5),
    ListedModel("large-v3-turbo", 1620 * _MB, "best", 12.0, 0.9),
    ListedModel("large-v3", 3090 * _MB, "best", 20.0, 7.0),
    ListedModel("base.en", 148 * _MB, "fair", 1.0, 1.0, english_only=True),
    ListedModel("small.en", 486 * _MB, "good", 3.3, 1.75, english_only=True),
    ListedModel("distil-large-v3.5", 1520 * _MB, "best", 11.5, 1.1, english_only=True),
)
BY_NAME: Mapping[str, ListedModel] = {model.name: model for model in MODELS}


def expected_factor(model: ListedModel, device: str, measured: Mapping[str, float]) -> float | None:
    """Return the expected real-time factor of a model: seconds of work for a second of audio.

    `measured`: factors by model on the same device. The measured model with the closest work decides; None if there is none.
    """
    known = [(BY_NAME[name].work(device), factor) for name, factor in measured.items() if name in BY_NAME]
    if not known:
        return None
    work = model.work(device)
    nearest, factor = min(known, key=lambda each: max(each[0], work) / min(each[0], work))
    return factor * work / nearest
