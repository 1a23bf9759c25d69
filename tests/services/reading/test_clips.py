"""A passage as a file with its title and time; nothing of it stays on disk, whether it was cut or not."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest

from core import errors
from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Episode, Source
from core.services.reading import clips
from core.services.reading.clips import Clips, passage_title
from core.store.library import episodes
from tests.runner_fixture import Rig

SAMPLE = Path(__file__).resolve().parents[3] / "demo" / "samples" / "en_short.wav"


@pytest.fixture
def episode_id(rig: Rig) -> int:
    """An uploaded recording of five seconds."""
    shutil.copyfile(SAMPLE, rig.data / "uploads" / "talk.wav")
    values = {"title": "A talk", "source": "upload", "media_path": "uploads/talk.wav", "duration": 5.0}
    return rig.store.write(partial(episodes.add, values=values, now=1.0))


def left(rig: Rig) -> list[str]:
    return [path.name for path in (rig.data / "media").iterdir()]


@pytest.mark.parametrize(
    ("start", "end", "title"),
    [(0.0, 5.0, "A talk (00:00–00:05)"), (723.4, 757.4, "A talk (12:03–12:37)"), (3599.0, 3661.0, "A talk (59:59–1:01:01)")],
)
def test_a_title_names_the_passage(start: float, end: float, title: str) -> None:
    assert passage_title(Episode(1, "A talk", Source.UPLOAD, created_at=1.0, updated_at=1.0), start, end) == title


def test_a_clip_ends_with_the_audio_and_is_gone_from_the_folder_while_it_is_read(rig: Rig, episode_id: int) -> None:
    clip = Clips(rig.library, rig.data).clip(OWNER, episode_id, 4.0, 60.0)
    with clip.file:
        assert left(rig) == []
        assert (clip.title, clip.media_type) == ("A talk (00:04–00:05)", "audio/mpeg")
        assert len(clip.file.read()) == clip.bytes > 0


@pytest.mark.parametrize(("start", "end"), [(2.0, 2.0), (3.0, 2.0), (-1.0, 2.0), (0.0, 600.1), (5.0, 6.0)])
def test_a_passage_that_is_none_is_refused_before_anything_is_written(
    rig: Rig, episode_id: int, start: float, end: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clips, "cut", lambda *_, **__: pytest.fail("it was cut"))
    with pytest.raises(errors.UserError):
        Clips(rig.library, rig.data).clip(OWNER, episode_id, start, end)
    assert left(rig) == []


def test_without_its_audio_or_its_episode_there_is_no_clip(rig: Rig, episode_id: int) -> None:
    (rig.data / "uploads" / "talk.wav").unlink()
    with pytest.raises(errors.MediaMissing):
        Clips(rig.library, rig.data).clip(OWNER, episode_id, 0.0, 1.0)
    with pytest.raises(errors.NotFound):
        Clips(rig.library, rig.data).clip(OWNER, 99, 0.0, 1.0)
    assert left(rig) == []


@pytest.mark.parametrize(
    ("error", "told"),
    [(OSError(28, "No space left on device"), errors.DiskFull), (errors.MediaUnreadable("No."), errors.MediaUnreadable)],
)
def test_a_cut_that_fails_leaves_nothing(
    rig: Rig, episode_id: int, error: Exception, told: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_media: Path, target: Path, **_: object) -> None:
        target.write_bytes(b"half")
        raise error

    monkeypatch.setattr(clips, "cut", broken)
    with pytest.raises(told):
        Clips(rig.library, rig.data).clip(OWNER, episode_id, 0.0, 1.0)
    assert left(rig) == []
