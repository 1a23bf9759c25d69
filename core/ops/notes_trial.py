"""Write notes on a bundled sample with the user's own Ollama, for the doctor; report progress and keep finished parts.

sample's words ─▶ Trial.run ─▶ summarise ─┬▶ a row of the report, `written` holds the notes
                                          └▶ fails, or Ctrl-C ─▶ a row with the error, `written` holds the finished parts
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from core.domain.notes.note import Notes, Verdict
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.errors import CastMindError, OllamaBroke
from core.llm.ollama import OllamaClient
from core.notes.extractive import extract
from core.notes.pace import Pace
from core.notes.replacing import judge
from core.notes.summarise import NotesRequest, summarise
from core.pipeline.steps.summarise import Clock
from core.settings import PROJECT

SAMPLES = PROJECT / "demo" / "samples"
# How often Ollama may break off; a line is printed every so many percent.
TRIES, SAID_PERCENT = 3, 5

Say = Callable[[str], None]


def sample_transcript(language: str) -> Transcript:
    """Parse the words of a bundled sample into a transcript: lines of start, end and text, separated by tabs."""
    rows = [
        line.split("\t", 2) for line in (SAMPLES / f"{language}_episode.txt").read_text(encoding="utf-8").splitlines() if line
    ]
    segments = tuple(Segment(i, float(start), float(end), text) for i, (start, end, text) in enumerate(rows))
    return Transcript(language, segments[-1].end, segments, SpeechEngine("sample"))


class Trial:
    """The notes of one sample. `written`: the notes, or the parts finished before a failure; `stopped`: ended by Ctrl-C."""

    def __init__(self, client: OllamaClient, transcript: Transcript, request: NotesRequest, say: Say, minutes: float) -> None:
        self._client, self._transcript, self._request, self._say = client, transcript, request, say
        self._over = Clock(minutes * 60.0).over
        self._parts: dict[str, dict[str, Any]] = {}
        self._told = 0
        self.written: dict[str, Any] = {}
        self.stopped = False

    def run(self) -> dict[str, Any]:
        """Write the notes; return the row of the report."""
        begun = {"language": self._request.language, "segments": len(self._transcript.segments)}
        started = time.monotonic()
        try:
            self._say(f"{self._request.model} reads the {self._request.language} sample")
            notes = self._write()
        except (CastMindError, KeyboardInterrupt) as error:
            self.stopped = isinstance(error, KeyboardInterrupt)
            finished = {key: part for key, part in self._parts.items() if not part.get("split")}
            self.written = {"parts": finished} if finished else {}
            said = f"{error.code}: {error.detail}" if isinstance(error, CastMindError) else "stopped by hand"
            return begun | {"seconds": round(time.monotonic() - started, 1), "parts kept": len(finished), "error": said}
        self.written = notes.to_dict()
        return begun | {
            "points": len(notes.points),
            "verified": sum(p.verified for p in notes.points),
            "verified share": round(notes.verified_share, 4),
            "coverage": notes.coverage,
            "would count": "yes" if self._counts(notes) else "no: the model is too weak",
            "seconds": round(notes.seconds, 1),
        }

    def _counts(self, notes: Notes) -> bool:
        """Return whether the notes would replace the extractive ones."""
        language = self._transcript.language
        return judge(extract(self._transcript, language), notes, language) is Verdict.REPLACES

    def _write(self) -> Notes:
        """Write the notes; after a break, continue from the finished parts, as a job does."""
        for left in reversed(range(TRIES)):
            try:
                return self._summarise()
            except OllamaBroke as error:
                if not left:
                    raise
                self._say(f"{error.detail} Going on with {len(self._parts)} finished parts.")
        raise AssertionError("TRIES is at least 1")

    def _summarise(self) -> Notes:
        pace = Pace(self._tell)
        return summarise(
            self._transcript,
            self._request,
            client=self._client.tuned(watch=pace.said),
            done=dict(self._parts),
            on_chunk=self._parts.__setitem__,
            on_progress=pace.moved,
            cancelled=lambda: False,
            out_of_time=self._over,
        )

    def _tell(self, fraction: float, detail: Mapping[str, Any]) -> None:
        """Print a line every few percent, for a terminal."""
        percent = int(100 * fraction)
        if percent < self._told + SAID_PERCENT:
            return
        self._told = percent
        rate = f", {detail['token_rate']:.1f} tokens a second" if detail.get("token_rate") else ""
        read = f", {detail['done']} of {detail['total']} segments read" if detail.get("total") else ""
        self._say(f"  {self._request.language}: {percent} %{read}{rate}")
