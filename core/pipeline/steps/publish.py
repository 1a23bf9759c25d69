"""Publish: export the user's own copy of an episode as Markdown, VTT and JSON under exports/, independent of CastMind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from core import errors
from core.domain.episodes.export_form import Form
from core.domain.jobs.job import Job, Stage
from core.export import export_files, formats
from core.export.export_data import Material
from core.files.stored_names import inside
from core.pipeline.step import Step, StepContext, StepInput
from core.settings import Settings
from core.store.db.sqlite import Database
from core.store.library import episodes
from core.transactions.episode_material import gather

PUBLISHED = (Form.MD, Form.VTT, Form.JSON)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishInput(StepInput):
    """`material` is everything that an export shows of the episode."""

    material: Material


@dataclass(frozen=True, slots=True)
class Published:
    """The written files, relative to the data folder."""

    files: tuple[str, ...]


class Publish(Step):
    """Runs for an episode with a transcript and extractive notes, and again when better notes arrive."""

    name: ClassVar[str] = Stage.PUBLISH.value
    after: ClassVar[tuple[str, ...]] = (Stage.TRANSCRIBE.value,)
    after_settled: ClassVar[tuple[str, ...]] = (Stage.SUMMARISE.value,)
    input: ClassVar[type[StepInput]] = PublishInput
    values: ClassVar[tuple[type, ...]] = (Published,)

    def inputs(self, db: Database, job: Job, *, settings: Settings, now: float) -> PublishInput:
        return PublishInput(job=job, episode=episodes.get(db, job.episode_id), material=gather(db, job.episode_id))

    def run(self, given: PublishInput, ctx: StepContext) -> Published:
        if given.material.transcript is None:
            raise errors.Permanent("There is no transcript. Retry the transcription.", case="no_transcript")
        episode, data = given.episode, ctx.resources.data
        beside = f"../{episode.media_path}" if inside(data, episode.media_path) else None
        material = replace(given.material, audio_address=beside)
        contents = {form.value: formats.write(material, form).decode() for form in PUBLISHED}
        ctx.check()
        written = export_files.write(data / "exports", export_files.file_name(episode.id, episode.title), contents)
        ctx.report(1.0, {"files": list(written)})
        return Published(tuple(written))

    def save(self, db: Database, job: Job, value: Published, *, now: float) -> None:
        """Do nothing: the files are written already."""
