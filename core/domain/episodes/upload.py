"""An upload that may stop at any byte and resume later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

KEPT_SECONDS = 7 * 24 * 3600.0
# An upload without any bytes loses nothing: its sender starts again automatically.
EMPTY_KEPT_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class UploadOutcome:
    """The result of a whole upload. `created`: whether its episode is new."""

    episode_id: int
    created: bool


@dataclass(frozen=True, slots=True)
class Upload:
    """`offset` of `length` bytes have arrived. `words`: the sender's metadata (title, language, …); `filename`: safe to show, ""
    if the sender gave none. Times are Unix seconds."""

    id: str
    length: int
    offset: int
    words: Mapping[str, str]
    filename: str
    created_at: float
    touched_at: float
    outcome: UploadOutcome | None = None

    @property
    def whole(self) -> bool:
        return self.offset == self.length

    @property
    def expires_at(self) -> float:
        return self.touched_at + (KEPT_SECONDS if self.offset else EMPTY_KEPT_SECONDS)
