"""Track failures of this computer's card, as far as the client can detect them from outside the worker.

a process on the card ─┬─ was killed by it ─────────────┐
                       ├─ reports that the card failed ─┼─▶ `trouble`: the card is avoided until a restart
                       └─ waits for it too long ────────┘
"""

from __future__ import annotations

from core import errors
from core.message import Message
from core.speech import device_messages
from core.speech.client.worker_process import Child

# A hung card does not stop the worker's beats. Loading a large model from a slow disk takes less than this.
TRYING_SECONDS = 600.0


class GpuHealth:
    """`trouble` is the reason to avoid the card, None while it may be tried."""

    def __init__(self, trying_seconds: float = TRYING_SECONDS) -> None:
        self._trying_seconds = trying_seconds
        self.trouble: Message | None = None

    def took_down(self, child: Child) -> bool:
        """Return whether the card crashed this process; record it as trouble."""
        if child.trying != "cuda" or not child.crashed():
            return False
        self.trouble = device_messages.card_crashes(child.obituary())
        return True

    def broke_off(self, problem: str) -> errors.WorkerDied:
        self.trouble = device_messages.card_broke_off(problem)
        return errors.WorkerDied(
            f"The card broke off during the work ({problem}). Finished windows are kept; the work continues on the CPU."
        )

    def silent(self, child: Child, seconds: float) -> bool:
        """Return whether a process that was silent for so long waits for the card; record it as trouble."""
        if child.trying != "cuda":
            return False
        self.trouble = device_messages.card_silent(seconds)
        return True

    def check(self, child: Child, now: float) -> None:
        """Check a running worker. Raises WorkerDied when it has waited for the card for too long."""
        if now - child.trying_since > self._trying_seconds and self.silent(child, self._trying_seconds):
            raise errors.WorkerDied(
                f"The card gave no answer within {self._trying_seconds:.0f} s. Finished windows are kept; the work continues on "
                "the CPU."
            )
