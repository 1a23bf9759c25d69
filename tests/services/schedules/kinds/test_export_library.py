"""The library as one zip; the newest few of a schedule stay."""

from __future__ import annotations

import os
from functools import partial

from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.services.library.export_archives import KEPT_SCHEDULED
from core.store.jobs import jobs
from core.store.text import transcripts
from tests.services.schedules.kinds.conftest import Room

TALK = Transcript("en", 60.0, (Segment(0, 0.0, 2.0, "A talk about cats."),), SpeechEngine("demo"))


def test_what_is_done_is_exported_and_old_zips_go(room: Room) -> None:
    assert (room.run("export").outcome.value, room.run("export").did) == ("done", {})
    number = room.episode("One")
    room.store.write(partial(jobs.enqueue, episode_id=number, priority=0, now=1.0))
    room.store.write(partial(transcripts.save, episode_id=number, transcript=TALK, now=1.0))
    room.store.write(lambda db: db.execute("UPDATE jobs SET state = 'done'"))
    run = room.run("export", parameters={"formats": ["md", "txt"]})
    name = str(run.did["file"])
    assert run.did["exported"] == 1 and (room.app.data / "bundles" / name).is_file()
    folder = room.app.data / "bundles"
    for day in range(1, KEPT_SCHEDULED + 2):
        (folder / name.replace(name[-21:-11], f"2020-01-0{day}")).write_bytes(b"")
    (folder / "CastMind 2020-01-01 000000.zip").write_bytes(b"")
    for path in folder.iterdir():
        os.utime(path, (1.0, 1.0))
    assert room.run_builtin("exports").did == {"deleted": 3}
    assert name in {path.name for path in folder.iterdir()} and len(list(folder.iterdir())) == KEPT_SCHEDULED
