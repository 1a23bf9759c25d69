"""Files that are no audio, or malformed audio, fetched, probed and decoded by the real steps.

Each one is an error of its own episode or is decoded correctly; the episode after it succeeds, and no partial file and no
process is left.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from core.domain.jobs.job import Stage, State
from core.pipeline.step import Resources
from core.sources.media.probe import probe
from core.speech.audio.confined_decode import ConfinedDecode
from core.speech.audio.spans import RATE
from core.store.jobs import jobs
from core.store.library import episodes
from tests.fakes.podcast_host import Mode, PodcastHost
from tests.hostile.sockets import connections
from tests.memory import peak_of_children
from tests.runner_fixture import Rig, real_runs
from tests.sources.samples import SAMPLES, encode, not_audio

TALK = (SAMPLES / "en_short.wav").read_bytes()
SONG = (SAMPLES / "en_episode.mp3").read_bytes()


def wav(samples: int, rate: int = 8000) -> bytes:
    size = 2 * samples
    kind = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", 36 + size, b"WAVE") + kind + struct.pack("<4sI", b"data", size)


def many_tracks(count: int) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="matroska") as out:
        tracks = [out.add_stream("pcm_s16le", rate=8000) for _ in range(count)]
        for track in tracks:
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), format="s16", layout="mono")
            frame.sample_rate = 8000
            out.mux([*track.encode(frame), *track.encode(None)])
    return buffer.getvalue()


# A file ─▶ its decoded duration in seconds.
READ: dict[str, tuple[Callable[[], bytes], float]] = {
    "truncated.mp3": (lambda: SONG[: len(SONG) // 3], 59.8),
    "truncated.wav": (lambda: TALK[: len(TALK) // 2], 2.6),
    "silent.wav": (lambda: wav(16_000) + bytes(32_000), 2.0),
    "8khz.wav": (lambda: encode("wav", "pcm_s16le", rate=8000), 2.0),
    "video.mp4": (lambda: encode("mp4", "aac", video=True), 2.0),
    "many_tracks.mkv": (lambda: many_tracks(40), 1.0),
    "lying_length.wav": (lambda: wav(0x7FFF_FFF0 // 2) + bytes(32_000), 2.0),
    "zeros_behind.mp3": (lambda: SONG[:200_000] + bytes(100_000), 179.4 * 200_000 / len(SONG)),
}
# The others are given to the probe directly.
A_FEW = (
    "page.mp3",
    "list.m3u8",
    "list.pls",
    "zeros.mp3",
    "junk.mp3",
    "locked.mp3",
    "only_a_tag.mp3",
    "fake_mp4.mp4",
    "cover.mp3",
)
# A file ─▶ the error of its episode.
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    **{name: (lambda name=name: not_audio()[name], "text_in_place" if name == "page.mp3" else "not_audio") for name in A_FEW},
    "video_without_sound.mp4": (lambda: encode("mp4", "aac", video=True, sound=False), "not_audio"),
    "header_only.wav": (lambda: wav(0), "not_audio"),
    "master.m3u8": (lambda: b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://127.0.0.1:1/a.m3u8\n", "not_audio"),
    "late.m3u8": (lambda: b"\n" * 5000 + b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "download_failed"),
    "binary.m3u8": (lambda: b"\x00#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n" + bytes(9000), "not_audio"),
    "concat.txt": (lambda: b"ffconcat version 1.0\nfile /etc/passwd\nfile http://127.0.0.1:1/a.mp3\n", "not_audio"),
    "manifest.mpd": (lambda: b"<?xml version='1.0'?><MPD><BaseURL>http://127.0.0.1:1/</BaseURL></MPD>", "text_in_place"),
    "description.sdp": (lambda: b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=audio 1 RTP/AVP 0\n", "text_in_place"),
    "smil.xspf": (lambda: b"<?xml version='1.0'?><playlist><location>file:///etc/passwd</location></playlist>", "text_in_place"),
    "deep_tags.mp3": (lambda: b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + bytes(50_000), "not_audio"),
}


@pytest.fixture
def station(rig: Rig, host: PodcastHost) -> Iterator[Callable[[str], int]]:
    """Fetch a file with the real step, and another one after it; return the first one's episode."""
    rig.stages[Stage.FETCH] = real_runs(Resources(rig.data, None, None, None, rig.fetcher))[Stage.FETCH]  # type: ignore[arg-type]

    def fetch(url: str) -> int:
        first = rig.add(source="feed", enclosure_url=url)
        second = rig.add(source="feed", enclosure_url=host.audio_url("en_short.wav"))
        while rig.runner.step(Stage.FETCH):
            pass
        assert rig.state(second, Stage.FETCH) is State.DONE
        return first

    before = children()
    with connections() as seen:
        yield fetch
    assert {address[:2] for address in seen} <= {("127.0.0.1", host.port)}
    assert children() <= before
    assert [p.name for p in rig.data.rglob("*") if ".part" in p.name or p.suffix in (".tmp", ".new")] == []


def children() -> set[int]:
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        found |= {int(pid) for pid in (task / "children").read_text().split()}
    return found


def info(rig: Rig, episode_id: int) -> Any:
    return episodes.get(rig.store.read(), episode_id)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_audio_is_an_error_on_its_episode(
    name: str, rig: Rig, host: PodcastHost, station: Callable[[str], int]
) -> None:
    make, code = REFUSED[name]
    host.files["a.mp3"] = make()
    episode_id = station(host.audio_url("a.mp3"))
    error = jobs.of_episode(rig.store.read(), episode_id)[0].error
    assert error and error["code"] == code and error["detail"]
    assert "root:" not in str(error)
    assert len(list((rig.data / "media").iterdir())) == 1


@pytest.mark.parametrize("name", READ)
def test_what_is_odd_is_read_for_what_it_is(name: str, rig: Rig, host: PodcastHost, station: Callable[[str], int]) -> None:
    make, length = READ[name]
    host.files["a.mp3"] = make()
    episode = info(rig, station(host.audio_url("a.mp3")))
    assert episode.duration == pytest.approx(length, rel=0.1)
    hearing = ConfinedDecode(rig.data / episode.media_path)
    heard = sum(len(block) for block in hearing.blocks())
    hearing.close()
    assert heard / RATE == pytest.approx(length, rel=0.15)


@pytest.mark.parametrize(
    ("mode", "code"),
    [
        (Mode.HTML, "text_in_place"), (Mode.PLAYLIST, "not_audio"), (Mode.EMPTY, "download_failed"),
        (Mode.TOO_SHORT, "broken_off"),
        (Mode.BREAK, "broken_off"), (Mode.GONE, "enclosure_gone"), (Mode.LOOP, "redirects_in_circle"),
        (Mode.TO_PRIVATE, "bad_address"), (Mode.TO_FILE, "bad_address"), (Mode.GZIP_BOMB, "download_failed"),
    ],
)  # fmt: skip
def test_a_server_that_misbehaves_is_an_error_on_its_episode(
    mode: Mode, code: str, rig: Rig, host: PodcastHost, station: Callable[[str], int]
) -> None:
    episode_id = station(host.audio_url("en_episode.mp3", mode))
    error = jobs.of_episode(rig.store.read(), episode_id)[0].error
    assert error and error["code"] == code
    # A broken download waits for its retry; cancelling the episode deletes it.
    for left in (rig.data / "media").glob("*.part*"):
        assert mode in (Mode.BREAK, Mode.TOO_SHORT, Mode.EMPTY)
        left.unlink()


def test_ffmpeg_opens_no_other_file_whatever_a_container_says(tmp_path: Path) -> None:
    """Neither the probe nor the decoder plays a playlist that names a real recording beside it."""
    from core.errors import MediaUnreadable, NotAudio
    from core.sources.media.probe import probe
    from core.sources.media.probe_worker import ProbeRefused, examine

    (tmp_path / "real.wav").write_bytes(TALK)
    for text in ("#EXTM3U\n#EXTINF:5,\nreal.wav\n", "ffconcat version 1.0\nfile real.wav\n"):
        trap = tmp_path / "trap.wav"
        trap.write_text(text)
        with pytest.raises(NotAudio):
            probe(trap)
        with pytest.raises(ProbeRefused):
            examine(str(trap))
        with pytest.raises(MediaUnreadable):
            ConfinedDecode(trap)


def examined_and_decoded(path: str) -> None:
    assert probe(Path(path)).duration == pytest.approx(36_000, abs=1)
    hearing = ConfinedDecode(Path(path))
    heard = sum(len(block) for block in hearing.blocks())
    hearing.close()
    assert heard / RATE == pytest.approx(36_000, abs=1)


@pytest.mark.long
def test_ten_hours_are_examined_and_decoded_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "ten_hours.wav"
    samples = 10 * 3600 * 8000
    with path.open("wb") as file:
        file.write(wav(samples))
        file.truncate(44 + 2 * samples)
    assert peak_of_children(examined_and_decoded, str(path)) < 400_000_000
