"""Labels that name nobody."""

from __future__ import annotations

import pytest

from tests.sources.publisher.rows import rows


@pytest.mark.parametrize(
    "label",
    [
        *(
            "Tip",
            "Pro tip",
            "Breaking news",
            "Spoiler alert",
            "PS",
            "FYI",
            "HTTPS",
            "Chapter 3",
            "Psalm 23",
            "John 3",
            "Step two",
        ),
        *("Question", "Bottom line", "Frage", "Zum Beispiel", "Remarque", "Por ejemplo", "Então", "Например", "예를 들어"),
        *("比如说", "第一", "第二点", "总之", "注意", "答案", "也就是说", "換句話說", "つまり", "ところで"),
    ],
)
def test_a_label_is_nobody_however_often_it_comes(label: str) -> None:
    said = [f"{label}: one thing.", "Then more.", f"{label}: another.", f"{label}: a third."]
    cues = "\n".join(f"{n}\n00:00:{n:02d},000 --> 00:00:{n + 1:02d},000\n{text}\n" for n, text in enumerate(said, 1))
    assert [row[2:] for row in rows(cues)] == [(text, None) for text in said]
    assert all(speaker is None for *_, speaker in rows("\n\n".join(said)))


@pytest.mark.parametrize(
    "name", ["Speaker 2", "Guest 1", "April", "Q", "Sprecher 3", "主持人", "嘉宾2", "陈一", "于是之", "SPEAKER_01"]
)
def test_people_and_the_parts_they_have_are_no_labels(name: str) -> None:
    cues = "\n".join(f"{n}\n00:00:{n:02d},000 --> 00:00:{n + 1:02d},000\n{name}: so.\n" for n in range(1, 4))
    assert {row[3] for row in rows(cues)} == ({name} if name != "于是之" else {None})
