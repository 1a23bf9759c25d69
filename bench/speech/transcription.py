"""Transcription through the app against a bare faster-whisper call: same audio, model and settings; sides alternate.

Both are warm: the app's worker and the bare process have loaded the model before the first pair. The app's time is its
transcribe step, from claim to commit; the bare side's is the time to consume `BatchedInferencePipeline.transcribe`.

With CASTMIND_BENCH_MODEL (base, tiny.en, or a folder) both sides use that model on a long recording of real voices. The
bundled model knows few words only, so that it never needs to transcribe a span again.
"""

from __future__ import annotations

import sqlite3
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bench import real
from tests.fixtures.audio import spoken
from tests.real import recordings
from tests.running import RunningApp, wait_for

# The worker's choices on a CPU (core/speech/worker/loading.py), so that both sides do the same work.
BATCH = 4
REAL_RECORDING = "long-en"
DEMO = "demo/model"
BARE = f"""
import sys, time
from faster_whisper import BatchedInferencePipeline, WhisperModel
pipeline = BatchedInferencePipeline(WhisperModel(sys.argv[1], device="cpu", compute_type="int8"))
def run(path):
    segments, _ = pipeline.transcribe(
        path, beam_size=5, batch_size={BATCH}, vad_filter=True, without_timestamps=False, word_timestamps=True)
    return sum(len(s.text) for s in segments)
run("demo/samples/en_short.wav")
for line in sys.stdin:
    began = time.monotonic()
    run(line.strip())
    print(time.monotonic() - began, flush=True)
"""


def measure(folder: Path, quick: bool) -> Iterator[str]:
    model = real.model() if real.asked() else None
    if model and (why := recordings.no_voices()) is not None:
        yield why
        return
    audio = recordings.of_voices()[REAL_RECORDING].path if model else spoken(folder / "hour.mp3", 360 if quick else 3600)
    yield f"{audio.name}, model {model or DEMO}.\n"
    bare = subprocess.Popen(
        [sys.executable, "-c", BARE, str(model or DEMO)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    yield "| run | bare (s) | through the app (s) | ratio |"
    yield "| --- | --- | --- | --- |"
    settings = {
        "CASTMIND_WHISPER_MODEL": str(model or "demo"),
        "CASTMIND_BATCH_SIZE": str(BATCH),
        "CASTMIND_COMPUTE_TYPE": "int8",
        "CASTMIND_SPEECH_IDLE_SECONDS": "3600",
    }
    with RunningApp(folder / "data", **settings) as app:
        episode_id = app.upload(audio).json()["id"]
        cold = _stage_seconds(app, episode_id)
        yield f"| cold start | - | {cold:.1f} | - |"
        ratios = []
        for number in range(1, 3 if quick else 6):
            pair = {}
            # The order alternates, because machines change their speed over time.
            for side in ("bare", "app") if number % 2 else ("app", "bare"):
                pair[side] = _bare(bare, audio) if side == "bare" else _again(app, episode_id)
            ratios.append(pair["app"] / pair["bare"])
            yield f"| {number} | {pair['bare']:.1f} | {pair['app']:.1f} | {ratios[-1]:.3f} |"
    assert bare.stdin
    bare.stdin.close()
    bare.wait()
    yield f"| median | | | {statistics.median(ratios):.3f} |"


def _bare(process: subprocess.Popen[str], audio: Path) -> float:
    assert process.stdin and process.stdout
    process.stdin.write(f"{audio}\n")
    process.stdin.flush()
    return float(process.stdout.readline())


def _again(app: RunningApp, episode_id: int) -> float:
    app.client.post(f"/api/v1/episodes/{episode_id}/retry", json={"stage": "transcribe"}).raise_for_status()
    return _stage_seconds(app, episode_id)


def _stage_seconds(app: RunningApp, episode_id: int) -> float:
    """Return the seconds from claim to commit of the transcribe step, by the job's own timestamps."""
    wait_for(lambda: app.states(episode_id)["transcribe"] == "done", patience=3600, pause=0.5, why=app.last_words)
    app.wait_done(episode_id)  # publishing ends before the other side starts
    with closing(sqlite3.connect(app.data / "castmind.db")) as db:
        query = "SELECT finished_at - started_at FROM jobs WHERE episode_id = ? AND stage = 'transcribe'"
        return float(db.execute(query, [episode_id]).fetchone()[0])
