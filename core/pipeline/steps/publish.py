"""Publish: the user's own copy of an episode, as Markdown, VTT and JSON under exports/, should CastMind go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from core import errors
from core.domain.job import Job, Stage
from core.export import files, forms
from core.export.forms import Form
from core.export.material import Material
from core.pipeline.exports import gather
from core.pipeline.step import Step, StepContext, StepInput
from core.settings import Settings
from core.sources.inside import inside
from core.store import episodes

PUBLISHED = (Form.MD, Form.VTT, Form.JSON)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishInput(StepInput):
    """`material` is everything that an export shows of the episode."""

    material: Material


@dataclass(frozen=True, slots=True)
class Published:
    """The files that were written, relative to the data folder."""

    files: tuple[str, ...]


class Publish(Step):
    """An episode with a transcript and extractive notes is worth publishing: it is published again when better notes come."""

    name: ClassVar[str] = Stage.PUBLISH.value
    after: ClassVar[tuple[str, ...]] = (Stage.TRANSCRIBE.value,)
    after_settled: ClassVar[tuple[str, ...]] = (Stage.SUMMARISE.value,)
    input: ClassVar[type[StepInput]] = PublishInput
    values: ClassVar[tuple[type, ...]] = (Published,)

    def inputs(self, db: Any, job: Job, *, settings: Settings, now: float) -> PublishInput:
        return PublishInput(job=job, episode=episodes.get(db, job.episode_id), material=gather(db, job.episode_id))

    def run(self, given: PublishInput, ctx: StepContext) -> Published:
        if given.material.transcript is None:
            raise errors.Permanent("There is no transcript. Retry the transcription.")
        episode, data = given.episode, ctx.resources.data
        beside = f"../{episode.media_path}" if inside(data, episode.media_path) else None
        material = replace(given.material, audio_address=beside)
        contents = {form.value: forms.write(material, form).decode() for form in PUBLISHED}
        ctx.check()
        written = files.write(data / "exports", files.file_name(episode.id, episode.title), contents)
        ctx.report(1.0, {"files": list(written)})
        return Published(tuple(written))

    def save(self, db: Any, job: Job, value: Published, *, now: float) -> None:
        """The files lie there already."""
