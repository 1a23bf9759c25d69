from __future__ import annotations

import json
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Filter
from core.domain.episodes.export_form import Form
from core.domain.jobs.job import State
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.export.formats import FORMS
from core.export.layout import fonts
from core.services.library.export_archives import file
from core.services.library.export_task import FOLDER
from core.services.library.exports import MOST
from core.store.text import transcripts
from pages.shared import downloads
from tests.fixtures.many_episodes import fill

PROJECT = Path(__file__).resolve().parents[3]


def test_every_format_has_a_name_and_says_what_it_is_for() -> None:
    assert set(downloads.NAMES) == set(FORMS) == set(Form)
    for language in ("en", "zh"):
        texts = json.loads((PROJECT / "pages" / "text" / f"{language}.json").read_text(encoding="utf-8"))
        assert {f"export.help.{form.value}" for form in Form} <= texts.keys()


def test_make_looks_for_the_fonts_that_pdf_looks_for() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    assert [place for place in fonts.PLACES if place not in makefile] == []


def selection(ids: list[int]) -> None:
    from pages.shared import downloads

    downloads.many(ids)


def link(app: AppTest) -> Any:
    (found,) = app.get("link_button")
    return found.proto


def test_chosen_episodes_are_one_link(castmind: CastMind) -> None:
    app = AppTest.from_function(selection, args=([3, 5],)).run()
    assert not app.exception
    assert link(app).url == "/api/v1/exports?ids=3,5&formats=md"
    app.get("button_group")[0].set_value([Form.PDF, Form.SRT]).run()
    assert link(app).url == "/api/v1/exports?ids=3,5&formats=pdf,srt"
    app.get("button_group")[0].set_value([]).run()
    assert link(app).disabled


def test_more_than_one_export_holds_are_said(castmind: CastMind) -> None:
    app = AppTest.from_function(selection, args=(list(range(1, MOST + 3)),)).run()
    assert not app.get("link_button") and f"{MOST + 2}" in app.caption[0].value
    assert app.button(key="export.make").label == f"Create a zip of {MOST:,}"


def test_many_are_packed_in_the_background_and_offered(castmind: CastMind) -> None:
    fill(castmind.data, downloads.LINKED + 10)
    ids = castmind.bulk_actions.ids(OWNER, Filter())
    said = Transcript("en", 9.0, (Segment(0, 0.0, 2.0, "A word."),), SpeechEngine("demo"))
    for number in ids[:3]:
        castmind.library._store.write(partial(transcripts.save, episode_id=number, transcript=said, now=1.0))
    app = AppTest.from_function(selection, args=(ids,)).run()
    app.button(key="export.make").click().run()
    assert not app.exception
    (run,) = castmind._tasks.listing("export")
    done = castmind._tasks.wait(run.id)
    assert (done.state, done.done, done.total) == (State.DONE, len(ids), len(ids))
    with zipfile.ZipFile(castmind.export_archives.path(OWNER, file(done))) as made:
        assert made.testzip() is None
        assert len([name for name in made.namelist() if name.endswith(".md")]) == done.detail["exported"] == 3
    page = AppTest.from_file(str(PROJECT / "pages" / "shell.py"), default_timeout=60).run()
    assert [button.proto.url for button in page.get("link_button")] == [f"/api/v1/bundles/{run.id}/file"]
    page.button(key=f"task.away.{run.id}").click().run()
    assert not page.exception and not page.get("link_button") and not list((castmind.data / FOLDER).iterdir())
