import pytest

from core.errors import EmptyUpload, NotAudio
from core.sources.media.sniff import HEAD, check_head, sniff
from tests.sources.samples import SAMPLES, not_audio


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("en_episode.mp3", "audio/mpeg"),
        ("en_meeting.m4a", "video/mp4"),
        ("mixed_noise.ogg", "audio/ogg"),
        ("en_short.wav", "audio/wav"),
    ],
)
def test_the_samples_are_known(name: str, kind: str) -> None:
    head = (SAMPLES / name).read_bytes()[:HEAD]
    assert sniff(head) == kind
    check_head(head)


UNDECIDED = ("zeros.mp3", "junk.mp3", "locked.mp3", "only_a_tag.mp3", "fake_mp4.mp4")


@pytest.mark.parametrize("name", [n for n in not_audio() if n not in UNDECIDED])
def test_what_is_surely_something_else_is_refused_by_its_head(name: str) -> None:
    with pytest.raises(NotAudio, match="not audio or video"):
        check_head(not_audio()[name][:HEAD])


@pytest.mark.parametrize("name", UNDECIDED)
def test_what_the_head_cannot_tell_goes_on_to_the_probe(name: str) -> None:
    check_head(not_audio()[name][:HEAD])


def test_nothing_is_empty() -> None:
    with pytest.raises(EmptyUpload):
        check_head(b"")


def test_a_text_cut_inside_a_character_is_still_text() -> None:
    assert sniff("录".encode() * 3000 + b"\xe5\xbd") == "text/plain"
