"""All formats of one episode."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from core.domain.episodes.episode import Episode
from core.domain.episodes.export_form import Form
from core.export.export_data import Material
from core.export.formats import FORMS, write
from core.export.writers.markdown import markdown as whole
from tests.export.conftest import HOLES, front_matter, transcript
from tests.export.talk import material


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "99.3% of the speech has words. Without: 13 s at 01:40."),
        ("zh", "语音中 99.3% 有文字。无文字之处：01:40（13 秒）。"),
    ],
)
def test_every_document_says_how_much_of_the_speech_has_words(language: str, told: str) -> None:
    talk = material(language)
    assert talk.transcript
    shown = replace(talk, transcript=replace(talk.transcript, spoken=HOLES))
    rows, body = front_matter(whole(shown))
    assert (rows["speech_coverage"], rows["unclear_seconds"]) == ("0.993", "12.8")
    assert f"*{told}*" in body
    for form in (Form.HTML, Form.DOCX, Form.PDF):
        assert write(shown, form)
    assert told in write(shown, Form.HTML).decode()
    speech = json.loads(write(shown, Form.JSON))["transcript"]["speech"]
    assert (speech["share"], speech["dropped_seconds"], len(speech["spans"])) == (0.9936, 0.8, 2)
    assert speech["spans"][1] == {"start": 112.2, "end": 113.0, "fate": "dropped", "why": "loop"}


@pytest.mark.parametrize("form", list(Form))
def test_every_format_bears_an_episode_of_which_little_is_known(form: Form, episode: Episode) -> None:
    written = write(Material(episode), form)
    assert bool(written) is (form not in (Form.TXT, Form.SRT, Form.VTT))
    assert form in FORMS


def test_half_a_character_is_left_out_of_the_text(episode: Episode) -> None:
    talk = transcript("Half \ud83d of it.")
    assert write(Material(episode, talk), Form.TXT) == b"Half of it.\n"


def test_only_zipped_formats_are_called_packed() -> None:
    assert {form for form, kind in FORMS.items() if kind.packed} == {Form.DOCX, Form.PDF}
