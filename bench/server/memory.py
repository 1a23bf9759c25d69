"""Memory: idle after a browser opened every page, receiving a 2 GB form and a resumable 10 GB upload, transcribing 3 hours.

With CASTMIND_BENCH_MODEL (base, or a folder) only: ten hours of real voices in two languages with that model.
"""

from __future__ import annotations

import struct
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx

from bench import real
from bench.processes import MB, children, peak, reset_peak, resident, watched
from tests.fixtures.audio import silent_wav, spoken
from tests.real import recordings
from tests.running import RunningApp, wait_for

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = 64 << 20
# 16 bits, 44.1 kHz, stereo, to the end of the file.
AU_HEADER = struct.pack(">4s5I", b".snd", 24, 0xFFFFFFFF, 3, 44100, 2)
REAL_RECORDINGS = ("long-en", "mix-blocks", "long-zh", "mix-hidden")
PAGES = ("", "queue", "feeds", "settings", "status")


def measure(folder: Path, quick: bool) -> Iterator[str]:
    yield "| situation | process | peak (MB) | aim |"
    yield "| --- | --- | --- | --- |"
    if real.asked():
        yield from _real_voices(folder, 1200 if quick else 10 * 3600)
        return
    yield from _idle(folder)
    yield from _upload(folder, 200_000_000 if quick else 2_000_000_000)
    yield from _resumable(folder, 500_000_000 if quick else 10_000_000_000)
    yield from _transcription(folder, 600 if quick else 3 * 3600)


def _idle(folder: Path) -> Iterator[str]:
    from playwright.sync_api import sync_playwright

    with RunningApp(folder / "idle", CASTMIND_SPEECH_IDLE_SECONDS="5") as app, sync_playwright() as playwright:
        episode_id = app.client.post("/api/v1/episodes/sample").json()["id"]
        app.wait_done(episode_id)
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        for path in (*PAGES, f"episode?id={episode_id}"):
            page.goto(f"{app.url}/{path}")
            page.wait_for_timeout(3000)
        browser.close()
        wait_for(lambda: not children(app.pid), patience=60)
        time.sleep(5)
        yield f"| idle after every page was visited, model unloaded | server | {resident(app.pid) / MB:.0f} | 250 |"


def _upload(folder: Path, size: int) -> Iterator[str]:
    audio = silent_wav(folder / "large.wav", size)
    with RunningApp(folder / "upload") as app:
        reset_peak(app.pid)
        before = resident(app.pid)
        began = time.monotonic()
        answer = app.client.post("/api/v1/episodes", files={"file": ("large.wav", audio.open("rb"))}, timeout=600)
        seconds = time.monotonic() - began
        grown = peak(app.pid) - before
        app.client.delete(f"/api/v1/episodes/{answer.json()['id']}").raise_for_status()
        yield f"| upload of {size / 1e9:.1f} GB ({seconds:.0f} s) | server, growth | {grown / MB:.0f} | 64 |"
    audio.unlink()


def _resumable(folder: Path, size: int) -> Iterator[str]:
    """Upload like the pages' uploader, with one server restart in between, which costs a second read of the file."""
    for restarts in (False, True):
        with RunningApp(folder / f"resumable-{restarts}") as app:
            began = time.monotonic()
            reset_peak(app.pid)
            before = resident(app.pid)
            place = _begin(app, size)
            half = size // 2 // PIECE * PIECE
            _send(app, place, 0, half)
            if restarts:
                app.kill()
                app.start()
                reset_peak(app.pid)
                before = resident(app.pid)
            answer = _send(app, place, half, size)
            grown, seconds = peak(app.pid) - before, time.monotonic() - began
            app.client.delete(f"/api/v1/episodes/{answer.headers['castmind-episode']}?now=true").raise_for_status()
        how = ", killed half-way" if restarts else ""
        yield f"| resumable upload of {size / 1e9:.1f} GB{how} ({seconds:.0f} s) | server, growth | {grown / MB:.0f} | 64 |"


def _begin(app: RunningApp, size: int) -> str:
    begun = app.client.post("/api/v1/uploads", headers={**TUS, "Upload-Length": str(size)})
    begun.raise_for_status()
    return begun.headers["location"]


def _send(app: RunningApp, place: str, begin: int, end: int) -> httpx.Response:
    """Send bytes `begin` to `end` of silence, possibly longer than a WAV file can be; return the last answer."""
    silence = bytes(PIECE)
    for at in range(begin, end, PIECE):
        piece = (silence if at else AU_HEADER + silence)[: min(PIECE, end - at)]
        headers = {**TUS, "Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream"}
        answer = app.client.patch(place, content=piece, headers=headers, timeout=600)
        answer.raise_for_status()
    return answer


def _transcription(folder: Path, seconds: int) -> Iterator[str]:
    yield from _transcribed(folder, spoken(folder / "long.mp3", seconds), f"transcription of {seconds / 3600:.1f} h")


def _real_voices(folder: Path, seconds: int) -> Iterator[str]:
    if (why := recordings.no_voices()) is not None:
        yield why
        return
    made = recordings.of_voices()
    audio = _looped(folder / "voices.flac", seconds, [made[name].path for name in REAL_RECORDINGS])
    model = real.model()
    what = f"{seconds / 3600:.1f} h of real voices with {model.name}"
    yield from _transcribed(folder, audio, what, CASTMIND_WHISPER_MODEL=str(model), CASTMIND_COMPUTE_TYPE="int8")


def _looped(target: Path, seconds: int, recordings: Sequence[Path]) -> Path:
    """Concatenate WAV files repeatedly, as mono FLAC at 16 kHz: ten hours take about a minute to make."""
    names = target.with_suffix(".txt")
    names.write_text("".join(f"file '{recording.absolute()}'\n" for recording in recordings))
    again = ["-stream_loop", "-1", "-f", "concat", "-safe", "0", "-i", str(names), "-t", str(seconds)]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *again, "-ac", "1", "-ar", "16000", str(target)], check=True)
    return target


def _transcribed(folder: Path, audio: Path, what: str, **settings: str) -> Iterator[str]:
    with RunningApp(folder / "long", **settings) as app, watched(app.pid) as peaks:
        app.wait_done(app.upload(audio).json()["id"], patience=3 * 3600)
    yield f"| {what} | speech worker | {peaks.child / MB:.0f} | 2500 |"
    yield f"| the same | server and worker together | {peaks.together / MB:.0f} | |"
