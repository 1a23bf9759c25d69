"""What a file says of itself becomes columns of its episode."""

from __future__ import annotations

import pytest

from core.domain.episodes.file_facts import FileFacts
from core.domain.feeds import people
from core.domain.feeds.people import Person


@pytest.mark.parametrize(
    "title", ["The harbour at night", "Track record", "Titel, Thesen", "2001: A Space Odyssey", "1984 again", "夜航", "Q", "R&B"]
)
def test_a_title_is_taken_at_its_word(title: str) -> None:
    assert FileFacts(title).title == title


@pytest.mark.parametrize(
    "title",
    [None, "", "  ", "01", "7", "Track 01", "TRACK01", "Track 1 of 9", "AudioTrack 03", "Titel 3", "Piste 2", "音轨 1",
     "01 -", "1/12", "Untitled", "Unknown", "https://example.org/a.mp3", "www.example.org"],
)  # fmt: skip
def test_the_number_of_a_track_or_an_address_is_no_title(title: str | None) -> None:
    assert FileFacts(title).title is None


def test_the_columns_are_what_the_file_says() -> None:
    said = FileFacts("A", "Anna", "Harbour <talks>", "About lamps\nand ropes", 86_400.0)
    assert said.columns() == {
        "people": people.written([Person("Anna", "artist")]),
        "published_at": 86_400.0,
        "description": "<p>Harbour &lt;talks&gt;</p><p>About lamps</p><p>and ropes</p>",
    }
    assert FileFacts("A").columns() == {}
