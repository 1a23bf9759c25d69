"""Sound and pictures of the usual kinds come out of a confined ffmpeg and a confined PyAV as they do of unconfined ones."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.sandbox import Piped, run
from core.sources.media.probe import probe
from core.speech.audio.confined_decode import ConfinedDecode
from core.speech.audio.decode import AudioStream
from tests.sources.samples import SAMPLES

FFMPEG = shutil.which("ffmpeg") or ""
QUIET = ("-nostdin", "-v", "error", "-y")
# Ending, encoders, and whether there are pictures.
KINDS = {
    "mp3": ("-c:a", "libmp3lame"),
    "m4a": ("-c:a", "aac"),
    "ogg": ("-c:a", "libvorbis"),
    "opus": ("-c:a", "libopus"),
    "flac": ("-c:a", "flac"),
    "wav": ("-c:a", "pcm_s16le"),
    "aiff": ("-c:a", "pcm_s16be"),
    "mka": ("-c:a", "ac3"),
    "mp4": ("-c:a", "aac", "-c:v", "libx264", "-g", "10"),
    "mov": ("-c:a", "alac", "-c:v", "mpeg4"),
    "webm": ("-c:a", "libopus", "-c:v", "libvpx-vp9", "-deadline", "realtime"),
    "mkv": ("-c:a", "flac", "-c:v", "libx264"),
}
THREADS = ("-threads", "4")


@pytest.fixture(scope="module", params=KINDS)
def media(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not FFMPEG:
        pytest.skip("ffmpeg is not installed")
    path = tmp_path_factory.mktemp("media") / f"talk.{request.param}"
    pictures = "-c:v" in KINDS[request.param]
    shown = ("-f", "lavfi", "-i", "testsrc=size=160x120:rate=10:duration=2") if pictures else ()
    sound = ("-f", "lavfi", "-i", "sine=frequency=330:duration=2")
    made = subprocess.run([FFMPEG, *QUIET, *sound, *shown, *KINDS[request.param], str(path)], capture_output=True, check=False)
    if made.returncode:
        pytest.skip(f"this ffmpeg does not write {request.param}: {made.stderr.decode()[-200:]}")
    return path


def test_ffmpeg_decodes_all_streams_with_threads(media: Path) -> None:
    """Also the pictures, whose decoders work in several threads."""
    command = [FFMPEG, *QUIET, *THREADS, "-i", f"file:{media}", "-map", "0", "-f", "framemd5", "pipe:1"]
    alone = subprocess.run(command, capture_output=True, check=True).stdout
    limits = [str(1 << 30), "60", str(1 << 20), str(media)]
    ended = run("core.sandbox.tool", *limits, *command, timeout=60.0)
    assert (ended.code, ended.said) == (0, "")
    assert ended.output == alone and alone.count(b"\n") > 20


@pytest.mark.long
def test_the_app_examines_and_hears_it(media: Path) -> None:
    assert probe(media).duration == pytest.approx(2.0, abs=0.2)
    hearing = ConfinedDecode(media)
    try:
        heard = np.concatenate([np.array(block) for block in hearing.blocks()])
    finally:
        hearing.close()
    assert np.array_equal(heard, np.concatenate(list(AudioStream(media).blocks())))


def test_none_of_the_processes_has_threads_before_it_is_held() -> None:
    """One whose libraries start some would not be held to its files, and would say so."""
    sample = str(SAMPLES / "en_short.wav")
    asked = json.dumps({"kind": "chapters", "url": "", "media_type": "", "language": None, "people": []}).encode() + b"\n"
    feed = json.dumps({"url": "http://a.example/", "content_type": ""}).encode() + b"\n"
    said = {
        "probe": run("core.sources.media.probe_worker", sample, timeout=60.0).said,
        "picture": run("core.sources.media.picture_worker", sample, timeout=60.0).said,
        "document": run("core.sources.publisher.document_worker", given=(asked, b'{"chapters": []}'), timeout=60.0).said,
        "feed": run("core.sources.feeds.worker", given=(feed, b"<rss><channel/></rss>"), timeout=60.0).said,
        "tool": run("core.sandbox.tool", str(1 << 30), "9", "999", "", sys.executable, "-c", "", timeout=60.0).said,
    }
    decoding = Piped("core.speech.audio.decode_worker", sample)
    decoding.stdin.close()
    decoding.stdout.read()
    said["decode"] = decoding.ended().said
    assert {name: words for name, words in said.items() if "not held" in words or "without a filter" in words} == {}
