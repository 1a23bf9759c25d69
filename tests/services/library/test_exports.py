from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core import errors
from core.domain.accounts.actor import OWNER
from core.domain.episodes.export_form import Form
from core.domain.episodes.publisher_extras import Chapters, Origin, SuppliedChapter
from core.domain.transcripts.annotation import Colour, Span
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.services.library.exports import LEFT_OUT, MOST, Exports
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.library import episodes, publisher_extras, tags
from core.store.text import transcripts
from tests.memory import peak
from tests.runner_fixture import Rig

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def page(episode_id: int) -> str:
    return f"http://castmind.home:8501/episode?id={episode_id}"


def archive(pieces: Any) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(pieces)))


def tag(rig: Rig, episode: int, name: str) -> None:
    rig.store.write(lambda db: tags.put(db, tags.named(db, name, now=rig.now), [episode]))


def test_an_export_holds_what_the_reader_made_of_it(rig: Rig) -> None:
    episode = rig.add()
    rig.run_all()
    rig.annotations.edit(OWNER, episode, 0, "A talk about black cats.")
    rig.annotations.highlight(OWNER, episode, Span(0, 2, 0, 6), colour=Colour.PINK, remark="Which one?")
    rig.library.set_own_notes(OWNER, episode, "# Mine\n\nsee [0:01](?t=1)")
    tag(rig, episode, "动物 life")
    text = rig.exports.write(OWNER, episode, "md", page=page).decode()
    assert "A ==talk== about black cats." in text
    assert f"> [00:00]({page(episode)}&t=0) “talk” (pink)\n\nWhich one?" in text
    assert "## My notes\n\n# Mine" in text and '- "动物-life"' in text
    body = json.loads(rig.exports.write(OWNER, episode, "json"))
    assert (body["tags"], body["own_notes"][:6], body["highlights"][0]["remark"]) == (["动物 life"], "# Mine", "Which one?")
    for form in (Form.TXT, Form.SRT, Form.VTT, Form.HTML):
        assert "cats." in rig.exports.write(OWNER, episode, form).decode()
    assert rig.exports.write(OWNER, episode, Form.DOCX).startswith(b"PK") and rig.exports.write(
        OWNER, episode, Form.PDF
    ).startswith(b"%PDF")


def test_chapters_of_the_publisher_stand_before_those_of_the_file(rig: Rig) -> None:
    episode = rig.add()
    rig.run_all()

    def give(origin: Origin, title: str) -> None:
        chapters = Chapters((SuppliedChapter(title, 0.0),))
        rig.store.write(lambda db: publisher_extras.save(db, episode, origin, chapters, now=rig.now))

    give(Origin.FILE, "In the file")
    assert "### In the file" in rig.exports.write(OWNER, episode, "md").decode()
    give(Origin.PUBLISHER, "By hand")
    text = rig.exports.write(OWNER, episode, "md").decode()
    assert "### By hand" in text and "In the file" not in text


def test_without_a_transcript_there_is_nothing_to_export(rig: Rig) -> None:
    episode = rig.add()
    with pytest.raises(errors.NotFound):
        rig.exports.write(OWNER, episode, "txt")
    with pytest.raises(errors.NotFound):
        rig.exports.summary(OWNER, episode)
    rig.run_all()
    assert "Cats." in rig.exports.summary(OWNER, episode)
    with pytest.raises(errors.UserError, match="there are md, txt"):
        rig.exports.write(OWNER, episode, "odt")


def test_a_bundle_has_a_file_an_episode_and_format(rig: Rig) -> None:
    first, second = rig.add(title="CON"), rig.add(title="a/b: 经济?")
    third = rig.add(title="A*b 经济")
    rig.run_all()
    found = archive(rig.exports.bundle(OWNER, [first, second, third, first], ["md", "srt", "md"], now=NOW))
    assert found.testzip() is None
    assert sorted(found.namelist()) == sorted(
        f"{stem}.{suffix}" for stem in ("CON_", "a b 经济", "A b 经济 (2)") for suffix in ("md", "srt")
    )


def test_what_cannot_be_exported_is_named_and_the_rest_goes_on(rig: Rig) -> None:
    done = rig.add(title="Done")
    rig.run_all()
    waiting = rig.add(title="Waiting")
    found = archive(rig.exports.bundle(OWNER, [waiting, done], ["txt"], now=NOW))
    assert found.namelist() == ["Done.txt", LEFT_OUT]
    assert f"Episode {waiting}" in found.read(LEFT_OUT).decode()


@pytest.mark.parametrize(
    ("ids", "formats", "error"),
    [
        ([], ["md"], errors.UserError),
        ([1], [], errors.UserError),
        ([1], ["exe"], errors.UserError),
        ([1, 99], ["md"], errors.NotFound),
        (range(1, MOST + 2), ["md"], errors.UserError),
    ],
)
def test_a_bundle_that_cannot_be_is_refused_before_it_begins(
    rig: Rig, ids: list[int], formats: list[str], error: type[Exception]
) -> None:
    rig.add()
    with pytest.raises(error):
        rig.exports.bundle(OWNER, ids, formats, now=NOW)


def bundled(path: str, ids: list[int]) -> None:
    """Makes a bundle and forgets each piece."""
    store = Store(Path(path))
    store.open()
    made = sum(len(piece) for piece in Exports(store).bundle(OWNER, ids, ["json"], now=NOW))
    store.close()
    assert made > 100 * len(ids)


@pytest.mark.long
def test_500_episodes_take_the_memory_of_one(rig: Rig) -> None:
    said = tuple(Segment(i, i * 3.0, i * 3.0 + 2, f"Sentence {i} of a talk that goes on for a while.") for i in range(60))
    ids = []

    def add(db: Database) -> None:
        for _ in range(500):
            ids.append(episodes.add(db, {"title": "A talk", "source": "upload"}, now=rig.now))
            transcripts.save(db, ids[-1], Transcript("en", 180.0, said, SpeechEngine("demo")), now=rig.now)

    rig.store.write(add)
    few, many = (peak(bundled, str(rig.store.path), ids[:count]) for count in (5, 500))
    assert many < few + 1_000_000
