"""Compare the publisher's transcript with the audio before transcribing. Part of the transcribe step.

published ─▶ objection? ─▶ a few spans ─speech worker─▶ heard ─▶ verdict, a checkpoint ─┬─ fits ─▶ it is the transcript
                                                                                       └─ else ─▶ the reason, kept with ours
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.domain.episodes.episode import Episode
from core.domain.episodes.publisher_extras import SuppliedTranscript
from core.domain.transcripts import publisher_match
from core.domain.transcripts.provenance import PUBLISHER, Checked
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript, Window
from core.pipeline.step import Checkpoint, StepContext
from core.speech.client.client import SpeechClient
from core.speech.request import Progress, SpeechRequest
from core.speech.text.chinese import in_script
from core.store.search.text_folding import fold

UNDETERMINED = "und"
# Prefix of the checkpoint key for the verdict on the publisher's transcript, as opposed to a window.
VERDICT = "fit:"


@dataclass(frozen=True, slots=True)
class MatchVerdict:
    """The outcome of a comparison: the language heard, and the seconds of work."""

    checked: Checked
    language: str = UNDETERMINED
    wall_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A publisher's transcript of an episode, with the request for our own. `checkpoints` are those of earlier runs, by key."""

    published: SuppliedTranscript
    episode: Episode
    checkpoints: Mapping[str, Mapping[str, Any]]
    request: SpeechRequest

    @property
    def duration(self) -> float:
        return self.episode.duration or 0.0

    def compare(self, speech: SpeechClient, ctx: StepContext) -> MatchVerdict:
        """Compare and emit the verdict as a checkpoint, so that a later run does not listen again."""
        key = VERDICT + self._fingerprint()
        known = self.checkpoints.get(key)
        if known is not None:
            return MatchVerdict(Checked.from_dict(known["checked"]), str(known["language"]), float(known["wall_seconds"]))
        found = self._look(speech, ctx)
        ctx.emit(Checkpoint(key, {**_columns(found), "checked": found.checked.to_dict()}))
        return found

    def transcript(self, found: MatchVerdict) -> Transcript:
        """Return the publisher's transcript as the episode's own."""
        stated = (self.published.language or UNDETERMINED).split("-")[0].lower()
        segments = tuple(map(self._written, publisher_match.adopt(self.published, found.checked.shift, self.duration)))
        return Transcript(
            language=stated if found.language == UNDETERMINED else found.language,
            duration=self.duration,
            segments=segments,
            engine=SpeechEngine(PUBLISHER, "", "", 0),
            speech_seconds=round(sum(s.end - s.start for s in segments), 3),
            wall_seconds=found.wall_seconds,
            checked=found.checked,
        )

    def _written(self, segment: Segment) -> Segment:
        return replace(segment, text=in_script(segment.text, self.request.chinese_script))

    def _look(self, speech: SpeechClient, ctx: StepContext) -> MatchVerdict:
        if misfit := publisher_match.objection(self.published, self.duration):
            return MatchVerdict(Checked(misfit))
        spans = publisher_match.places(self.published, self.duration)

        def on_progress(progress: Progress) -> None:
            ctx.report(0.0, progress.to_dict())

        heard = speech.listen(self.request, [(s.start, s.end) for s in spans], on_progress=on_progress, cancelled=ctx.cancelled)
        checked = publisher_match.verdict(self.published, spans, heard, fold)
        return MatchVerdict(checked, _language(heard), round(sum(w.wall_seconds for w in heard), 3))

    def _fingerprint(self) -> str:
        """Return a hash of text and audio: if either changes, they are compared again."""
        content = json.dumps([self.episode.sha256, self.published.to_dict()], ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()[:16]


def _columns(found: MatchVerdict) -> dict[str, object]:
    return {"language": found.language, "wall_seconds": found.wall_seconds}


def _language(heard: Sequence[Window]) -> str:
    votes = Counter(w.language for w in heard if w.segments and w.language != UNDETERMINED)
    return votes.most_common(1)[0][0] if votes else UNDETERMINED
