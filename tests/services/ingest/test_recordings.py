from __future__ import annotations

import io
from pathlib import Path

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Source
from core.domain.jobs.job import Stage
from core.errors import DiskFull, EmptyUpload, NotAudio
from core.services.ingest.recordings import Recordings
from core.store.db.database import Store
from core.store.jobs import jobs
from tests.runner_fixture import Rig

SOUND = Path(__file__).resolve().parents[3] / "demo" / "samples" / "en_short.wav"


@pytest.fixture
def recordings(rig: Rig) -> Recordings:
    return Recordings(rig.ingest)


def left(data: Path) -> list[str]:
    return sorted(path.name for path in (data / "uploads").iterdir() if path.is_file())


def test_a_recording_becomes_an_episode_in_the_queue(recordings: Recordings, rig: Rig, tmp_path: Path, store: Store) -> None:
    with SOUND.open("rb") as sound:
        row, created = recordings.keep(OWNER, sound, title="My thought")
    assert created
    assert (row.episode.title, row.episode.source, row.episode.media_type) == ("My thought", Source.UPLOAD, "audio/wav")
    assert (tmp_path / str(row.episode.media_path)).read_bytes() == SOUND.read_bytes()
    assert [job.stage for job in jobs.of_episode(store.read(), row.episode.id)] == list(Stage)
    again, created = recordings.keep(OWNER, io.BytesIO(SOUND.read_bytes()), title="Twice")
    assert (again.episode.id, created) == (row.episode.id, False)
    assert len(left(tmp_path)) == 1


@pytest.mark.parametrize(("sound", "error"), [(b"", EmptyUpload), (b"no sound at all" * 1000, NotAudio)])
def test_what_is_no_sound_leaves_nothing(recordings: Recordings, tmp_path: Path, sound: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        recordings.keep(OWNER, io.BytesIO(sound), title="x")
    assert left(tmp_path) == []


def test_a_full_disk_leaves_nothing(recordings: Recordings, rig: Rig, tmp_path: Path) -> None:
    rig.settings.save(OWNER, "min_free_gb", 1e9)
    with pytest.raises(DiskFull), SOUND.open("rb") as sound:
        recordings.keep(OWNER, sound, title="x")
    assert not (tmp_path / "uploads").exists() or left(tmp_path) == []
