"""Exports (`castmind.exports`): one episode in a format, or many in a zip that is streamed while it is made.

material    all data of an episode, read in one snapshot; `publish` writes its files from the same data
write       one format of one episode: md, txt, srt, vtt, json, html, docx, pdf
summary     its notes alone, as Markdown
bundle      many episodes, several formats ─▶ chunks of a zip, with a list of the files that could not be written
            (for thousands of episodes, export_task.py writes the same Contents to disk)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain

from core import errors
from core.domain.accounts.actor import SYSTEM, Actor
from core.domain.episodes.export_form import Form
from core.export import formats
from core.export.bundle import ArchiveEntry, Names, zipped
from core.export.export_data import Material
from core.export.formats import FORMS
from core.export.writers import markdown, webpage
from core.store.db.database import Store
from core.store.library import episodes
from core.store.text import notes
from core.transactions.episode_material import gather

MOST = 10_000
LEFT_OUT = "not-exported.txt"

Page = Callable[[int], str]


class Exports:
    """`page` returns the URL of an episode's page; with it, each timestamp in an export is a link into the app."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def material(self, actor: Actor, episode_id: int, *, page: Page | None = None) -> Material:
        """Read all data of an episode. Raises NotFound if the episode does not exist or has no transcript yet."""
        with self._store.snapshot() as db:
            found = gather(db, episode_id, page_address=page(episode_id) if page else None)
        if found.transcript is None:
            raise errors.NotFound(f"Episode {episode_id} has no transcript yet.", id=episode_id, case="no_transcript")
        return found

    def write(self, actor: Actor, episode_id: int, form: Form | str, *, page: Page | None = None) -> bytes:
        """Return the file in this format.

        Raises NotFound, UserError for an unknown format, FontMissing for a PDF in a script that has no font installed.
        """
        chosen = _form(form)
        return formats.write(self.material(actor, episode_id, page=page), chosen)

    def media_type(self, actor: Actor, form: Form) -> str:
        """Return the MIME type of the format."""
        return FORMS[form].media_type

    def policy(self, actor: Actor, form: Form) -> str | None:
        """Return the Content-Security-Policy to serve the file with; None for formats in which a browser runs no code."""
        return webpage.POLICY if form is Form.HTML else None

    def summary(self, actor: Actor, episode_id: int) -> str:
        """Return the notes as Markdown. Raises NotFound."""
        with self._store.snapshot() as db:
            episodes.get(db, episode_id)
            version = notes.current(db, episode_id)
        if version is None:
            raise errors.NotFound(f"Episode {episode_id} has no notes yet.", id=episode_id, case="no_notes")
        return markdown.summary_markdown(version.notes)

    def bundle(
        self, actor: Actor, episode_ids: Sequence[int], wanted: Sequence[Form | str], *, now: datetime, page: Page | None = None
    ) -> Iterator[bytes]:
        """Return an iterator over the chunks of a zip, each made on demand.

        Raises UserError, and NotFound for an unknown id, at once. An episode without a transcript, or without a
        font for its PDF, does not fail the export: it is listed in the file LEFT_OUT.
        """
        ids, chosen = self.checked(actor, episode_ids, wanted)
        contents = Contents(self, chosen, page)
        return zipped(chain(contents.of(ids), contents.left_out()), now=now)

    def checked(self, actor: Actor, episode_ids: Sequence[int], wanted: Sequence[Form | str]) -> tuple[list[int], list[Form]]:
        """Return the ids and formats without duplicates. Raises UserError, and NotFound for an unknown id."""
        ids = list(dict.fromkeys(episode_ids))
        chosen = list(dict.fromkeys(map(_form, wanted)))
        if not ids or not chosen:
            raise errors.UserError("An export needs at least one episode and one format.", case="export_empty")
        if len(ids) > MOST:
            raise errors.UserError(
                f"At most {MOST} episodes go into one export; these are {len(ids)}.", most=MOST, case="export_many"
            )
        known = episodes.titles(self._store.read(), ids)
        for episode_id in ids:
            if episode_id not in known:
                raise errors.NotFound(f"There is no episode {episode_id}.", id=episode_id)
        return ids, chosen


class Contents:
    """The entries of a zip, made on demand: the files of episodes, then a list of those left out, with the reasons.

    `exported` counts the episodes that have a file in the zip.
    """

    def __init__(self, exports: Exports, chosen: Sequence[Form], page: Page | None) -> None:
        self._exports = exports
        self._chosen = chosen
        self._page = page
        self._names = Names()
        self._left_out: list[str] = []
        self.exported = 0

    def of(self, episode_ids: Iterable[int]) -> Iterator[ArchiveEntry]:
        for episode_id in episode_ids:
            try:
                material = self._exports.material(SYSTEM, episode_id, page=self._page)
            except errors.NotFound as error:  # deleted meanwhile, or not transcribed
                self._left_out.append(error.detail)
                continue
            written = list(self._files(material))
            self.exported += bool(written)
            yield from written

    def left_out(self) -> Iterator[ArchiveEntry]:
        if self._left_out:
            yield ArchiveEntry(LEFT_OUT, ("\n".join(self._left_out) + "\n").encode())

    def _files(self, material: Material) -> Iterator[ArchiveEntry]:
        stem = self._names.stem(material.episode.title)
        for form in self._chosen:
            try:
                yield ArchiveEntry(f"{stem}.{form.value}", formats.write(material, form), FORMS[form].packed)
            except errors.UserError as error:
                self._left_out.append(f"{stem}.{form.value}: {error.detail}")


def _form(form: Form | str) -> Form:
    try:
        return Form(form)
    except ValueError:
        there = ", ".join(f.value for f in Form)
        raise errors.UserError(f"There is no format {form!r}; there are {there}.") from None
