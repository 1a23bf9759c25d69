import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core import errors
from core.files.partial_files import notes_of
from core.net.web import Fetcher, Patience
from core.sources.media import download as module
from core.sources.media.download import Downloaded, download
from tests.fakes.podcast_host import Mode, PodcastHost

NAME = "en_episode.mp3"
PATH = f"/audio/{NAME}"
Get = Callable[..., Downloaded]


def nothing(*_: object) -> None:
    pass


@pytest.fixture
def part(tmp_path: Path) -> Path:
    return tmp_path / "7.part"


@pytest.fixture
def get(host: PodcastHost, fetcher: Fetcher, part: Path) -> Get:
    def run(url: str = host.audio_url(NAME), **more: Any) -> Downloaded:
        given: dict[str, Any] = {"on_progress": nothing, "check": nothing, "min_free_bytes": 0} | more
        return download(url, part, fetcher=fetcher, patience=Patience(read=0.5, whole=20.0), **given)

    return run


def left(part: Path) -> list[str]:
    return sorted(p.name for p in part.parent.iterdir())


def test_the_whole_file_comes_with_progress(get: Get, host: PodcastHost, part: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PROGRESS_BYTES", 300_000)
    seen: list[tuple[int, int | None]] = []
    got = get(on_progress=lambda done, total: seen.append((done, total)))
    data = host.files[NAME]
    assert part.read_bytes() == data
    assert got == Downloaded(len(data), hashlib.sha256(data).hexdigest(), "audio/mpeg", host.audio_url(NAME))
    assert len(seen) > 3
    assert seen[-1] == (len(data), len(data))
    assert left(part) == ["7.part"]


@pytest.mark.parametrize("mode", [Mode.BREAK, Mode.STALL, Mode.TOO_SHORT])
def test_a_broken_download_goes_on_where_it_stopped(mode: Mode, get: Get, host: PodcastHost, part: Path) -> None:
    host.play(PATH, mode)
    with pytest.raises(errors.DownloadFailed):
        get()
    here = part.stat().st_size
    assert 0 < here <= len(host.files[NAME])
    assert get().bytes == len(host.files[NAME])
    assert part.read_bytes() == host.files[NAME]
    assert host.requests(PATH)[1].headers["range"] == f"bytes={here}-"
    assert host.requests(PATH)[1].status == (416 if mode is Mode.TOO_SHORT else 206)
    assert left(part) == ["7.part"]


def test_it_breaks_off_again_and_again_and_still_ends(get: Get, host: PodcastHost, part: Path) -> None:
    for _ in range(4):
        host.play(PATH, Mode.BREAK)
        with pytest.raises(errors.DownloadFailed):
            get()
    get()
    assert part.read_bytes() == host.files[NAME]


@pytest.mark.parametrize("mode", [Mode.IGNORE_RANGE, Mode.CHANGED])
def test_a_server_that_ignores_range_or_has_another_file_starts_over(mode: Mode, get: Get, host: PodcastHost, part: Path) -> None:
    host.play(PATH, Mode.BREAK, mode)
    with pytest.raises(errors.DownloadFailed):
        get()
    got = get()
    assert got.bytes == part.stat().st_size
    assert hashlib.sha256(part.read_bytes()).hexdigest() == got.sha256
    if mode is Mode.IGNORE_RANGE:
        assert part.read_bytes() == host.files[NAME]


def test_another_file_that_breaks_off_too_is_not_mixed_with_the_first(get: Get, host: PodcastHost, part: Path) -> None:
    host.play(PATH, Mode.BREAK, Mode.CHANGED_BREAK)
    for _ in range(2):
        with pytest.raises(errors.DownloadFailed):
            get()
    get()
    assert part.read_bytes() == host.files[NAME]


def test_a_wrong_range_is_not_believed(get: Get, host: PodcastHost, part: Path) -> None:
    host.play(PATH, Mode.BREAK, Mode.WRONG_RANGE)
    with pytest.raises(errors.DownloadFailed):
        get()
    get()
    assert part.read_bytes() == host.files[NAME]


def test_without_a_strong_version_the_last_modified_date_serves(get: Get, host: PodcastHost, part: Path) -> None:
    host.play(PATH, Mode.WEAK)
    get()
    part.write_bytes(host.files[NAME][:1000])
    assert get().bytes == len(host.files[NAME])  # a part without a note belongs to nothing
    assert "range" not in host.requests(PATH)[1].headers


def test_a_part_of_another_address_is_not_resumed(get: Get, host: PodcastHost, part: Path) -> None:
    host.play(PATH, Mode.BREAK)
    with pytest.raises(errors.DownloadFailed):
        get()
    get(host.audio_url("zh_episode.mp3"))
    assert part.read_bytes() == host.files["zh_episode.mp3"]


def test_a_file_without_a_length_is_taken(get: Get, host: PodcastHost, part: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    got = get(host.audio_url(NAME, Mode.NO_LENGTH), expected_bytes=99, on_progress=lambda *p: seen.append(p))
    assert part.read_bytes() == host.files[NAME]
    assert (got.bytes, seen[0][1]) == (len(host.files[NAME]), 99)


@pytest.mark.parametrize(
    ("mode", "error", "kept"),
    [
        (Mode.NOT_FOUND, errors.EnclosureGone, False),
        (Mode.GONE, errors.EnclosureGone, False),
        (Mode.FORBIDDEN, errors.DownloadFailed, True),
        (Mode.ERROR, errors.DownloadFailed, True),
        (Mode.UNAVAILABLE, errors.DownloadFailed, True),
        (Mode.BUSY, errors.ServerBusy, True),
        (Mode.TOO_MANY, errors.ServerBusy, True),
        (Mode.HTML, errors.TextInPlace, True),
        (Mode.PLAYLIST, errors.NotAudio, False),
        (Mode.EMPTY, errors.DownloadFailed, True),
        (Mode.SILENT, errors.DownloadFailed, True),
        (Mode.TO_PRIVATE, errors.BadAddress, True),
        (Mode.LOOP, errors.DownloadFailed, True),
    ],
)
def test_each_failure_has_its_name_and_only_hopeless_ones_lose_the_part(
    mode: Mode, error: type[errors.CastMindError], kept: bool, get: Get, host: PodcastHost, part: Path
) -> None:
    host.play(PATH, Mode.BREAK)
    with pytest.raises(errors.DownloadFailed):
        get()
    here = part.stat().st_size
    host.play(PATH, *[mode] * 9)
    with pytest.raises(error):
        get()
    if kept:
        assert (part.stat().st_size, notes_of(part).exists()) == (here, True)
    else:
        assert not part.exists() or part.stat().st_size == 0


IN_PLACE_OF_AUDIO = {
    "a sign-in page": b"<!DOCTYPE html><html><head><title>Hotel</title></head><body>Sign in</body></html>",
    "a page in parts of its own": b"<!-- wifi -->\n<HTML>\n<BODY onload='login()'></BODY></HTML>",
    "a page with a byte order mark": b"\xef\xbb\xbf<!doctype html><p>Proxy error",
    "XHTML": b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>',
    "a storage's refusal": b'<?xml version="1.0"?><Error><Code>SlowDown</Code></Error>',
    "JSON": b'{"error": {"code": 429, "message": "quota exceeded"}}',
    "a JSON list": b'[{"detail":"maintenance"}]',
    "a word": b"error",
    "Latin-1": "Zugriff derzeit nicht m\u00f6glich".encode("latin-1"),
    "UTF-16": "<html>\u8bf7\u5148\u767b\u5f55</html>".encode("utf-16"),
    "a long page": b"<html><body>" + b"<p>please wait</p>" * 4000 + b"</body></html>",
}


@pytest.mark.parametrize("name", IN_PLACE_OF_AUDIO)
@pytest.mark.parametrize("begun", [False, True])
def test_text_in_the_place_of_audio_takes_nothing_away(name: str, begun: bool, get: Get, host: PodcastHost, part: Path) -> None:
    here = b""
    if begun:
        host.play(PATH, Mode.BREAK)
        with pytest.raises(errors.DownloadFailed):
            get()
        here = part.read_bytes()
    data = host.files[NAME]
    host.files[NAME] = IN_PLACE_OF_AUDIO[name]
    with pytest.raises(errors.TextInPlace):
        get()
    assert (part.read_bytes() if part.exists() else b"") == here
    host.files[NAME] = data
    asked = len(host.requests(PATH))
    assert get().bytes == len(data)
    resumed = host.requests(PATH)[asked].headers.get("range")
    assert resumed == (f"bytes={len(here)}-" if begun else None)


@pytest.mark.parametrize("body", [b"", b"\n", b" \r\n\t " * 50])
def test_nothing_but_white_space_is_nothing(body: bytes, get: Get, host: PodcastHost, part: Path) -> None:
    host.files[NAME] = body
    with pytest.raises(errors.DownloadFailed, match=r"empty file|white space"):
        get()


@pytest.mark.parametrize("body", [b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n\0\0", b"PK\x03\x04\0\0", b"MThd\0\0\0\6"])
def test_another_kind_of_file_is_no_audio_for_good(body: bytes, get: Get, host: PodcastHost, part: Path) -> None:
    host.files[NAME] = body
    with pytest.raises(errors.NotAudio) as refused:
        get()
    assert not isinstance(refused.value, errors.TextInPlace)


def test_an_endless_file_ends(get: Get, host: PodcastHost, part: Path) -> None:
    with pytest.raises(errors.TooLarge):
        get(host.audio_url(NAME, Mode.ENDLESS), max_bytes=20_000_000)
    assert left(part) == []


def test_a_full_disk_is_seen_before_and_on_the_way(get: Get, part: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(errors.DiskFull):
        get(min_free_bytes=1 << 60)
    monkeypatch.setattr(module, "SPACE_CHECK_BYTES", 500_000)
    calls: list[int] = []

    def filling(folder: Path, least: int, coming: int = 0) -> None:
        calls.append(coming)
        if len(calls) > 1:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "check_space", filling)
    with pytest.raises(errors.DiskFull):
        get()
    assert part.stat().st_size >= 500_000


@pytest.mark.parametrize(("stop", "remains"), [(errors.Cancelled, []), (errors.ShuttingDown, ["7.part", "7.part.json"])])
def test_a_cancel_removes_the_part_and_a_stopping_server_keeps_it(
    stop: type[errors.Stopped], remains: list[str], get: Get, host: PodcastHost, part: Path
) -> None:
    asked = 0

    def check() -> None:
        nonlocal asked
        asked += 1
        if asked > 24:  # enough bytes to see that they are of an audio file
            raise stop

    host.play(PATH, Mode.DRIP)
    with pytest.raises(stop):
        get(check=check)
    assert left(part) == remains
