"""Web pages that play a recording, read by the real yt-dlp in its child process, over real HTTP."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core import errors
from core.errors import CastMindError
from core.net.addresses import GuardedBackend
from core.sources.media import web_page
from tests.fakes.web_pages import SAMPLES, WebPages, needs_extra
from tests.hostile.sockets import connections

PART = "episode-1.part"


@pytest.fixture
def web() -> Iterator[WebPages]:
    with WebPages() as running:
        yield running


@pytest.fixture
def get(tmp_path: Path) -> Callable[..., web_page.About]:
    """Fetches into the test's folder, where only this computer's own 127.0.0.1 may be called."""

    def fetch(url: str, **more: Any) -> web_page.About:
        usual = {
            "backend": GuardedBackend(lambda: ("127.0.0.1",)),
            "on_progress": lambda done, total: None,
            "check": lambda: None,
            "min_free_bytes": 0,
        }
        return web_page.fetch(url, tmp_path / PART, **(usual | more))

    return fetch


def left(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def called(seen: list[tuple[Any, ...]]) -> set[str]:
    """Return the contacted hosts; traffic to the child over a socket pair has no address."""
    return {one[0] for one in seen if one[0] is not None}


@needs_extra
def test_the_recording_of_a_page_comes_byte_for_byte(web: WebPages, get: Callable[..., web_page.About], tmp_path: Path) -> None:
    heard: list[tuple[int, int | None]] = []
    with connections() as seen:
        about = get(web.root + "/talk", on_progress=lambda done, total: heard.append((done, total)))
    wanted = (SAMPLES / "en_short.wav").read_bytes()
    assert (tmp_path / PART).read_bytes() == wanted
    assert left(tmp_path) == [PART]
    assert heard[-1] == (len(wanted), len(wanted))
    assert about.link == web.root + "/talk"
    assert "<" not in about.title and about.title.startswith("A talk")
    # The page and its sound, asked for by this process in the child's place.
    assert called(seen) == {"127.0.0.1"}
    assert web.asked[0] == "/talk" and web.asked[-1] == "/talk.wav"


@needs_extra
def test_a_page_that_sends_on_into_the_house_is_refused_before_a_connection(
    web: WebPages, get: Callable[..., web_page.About], tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.2", 0)) as inside, connections() as seen:
        inside.settimeout(0)
        web.sends_on["/moved"] = f"http://127.0.0.2:{inside.getsockname()[1]}/secret"
        with pytest.raises(errors.BadAddress):
            get(web.root + "/moved")
        with pytest.raises(BlockingIOError):
            inside.accept()
    assert called(seen) == {"127.0.0.1"}
    assert left(tmp_path) == []


@needs_extra
def test_sound_that_lies_inside_the_house_is_refused(web: WebPages, get: Callable[..., web_page.About], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.2", 0)) as inside, connections() as seen:
        inside.settimeout(0)
        url = web.page("/lure", f'<audio src="http://127.0.0.2:{inside.getsockname()[1]}/a.mp3"></audio>')
        with pytest.raises(errors.BadAddress):
            get(url)
        with pytest.raises(BlockingIOError):
            inside.accept()
    assert called(seen) == {"127.0.0.1"}
    assert left(tmp_path) == []


@pytest.mark.long
@needs_extra
def test_what_a_page_says_comes_with_it(web: WebPages, get: Callable[..., web_page.About]) -> None:
    clips = [
        {"@type": "Clip", "name": name, "startOffset": at, "endOffset": at + 2} for name, at in (("First", 0), ("Second", 2))
    ]
    said = {
        "@context": "https://schema.org",
        "@type": "VideoObject",
        "name": "Cats & dogs",
        "description": "One\nTwo",
        "uploadDate": "2026-01-02T03:04:05Z",
        "thumbnailUrl": "https://example.org/a.jpg",
        "contentUrl": web.root + "/talk.wav",
        "hasPart": clips,
    }
    url = web.page("/described", "", f'<script type="application/ld+json">{json.dumps(said)}</script>')
    about = get(url)
    assert (about.title, about.description, about.published_at) == ("Cats & dogs", "One<br>Two", 1767323045.0)
    assert (about.link, about.image_url) == (url, "https://example.org/a.jpg")
    assert [(c.title, c.start) for c in about.chapters] == [("First", 0.0), ("Second", 2.0)]


def in_pieces(web: WebPages, path: str, *, live: bool = False) -> bytes:
    """Puts a stream of three pieces there (HLS); gives the whole."""
    whole = (SAMPLES / "en_episode.mp3").read_bytes()
    third = len(whole) // 3
    for n in range(3):
        web.pages[f"/{n}.mp3"] = ("audio/mpeg", whole[n * third : (n + 1) * third if n < 2 else None])
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:20", *(f"#EXTINF:10,\n{n}.mp3" for n in range(3))]
    text = "\n".join([*lines, *([] if live else ["#EXT-X-ENDLIST"])])
    web.pages[path] = ("application/vnd.apple.mpegurl", text.encode())
    return whole


@pytest.mark.long
@needs_extra
def test_a_stream_in_pieces_is_put_together(web: WebPages, get: Callable[..., web_page.About], tmp_path: Path) -> None:
    whole = in_pieces(web, "/talk.m3u8")
    get(web.page("/stream", '<video src="/talk.m3u8"></video>'))
    assert (tmp_path / PART).read_bytes() == whole
    assert left(tmp_path) == [PART]


@pytest.mark.long
@needs_extra
def test_what_is_live_is_refused(web: WebPages, get: Callable[..., web_page.About], tmp_path: Path) -> None:
    in_pieces(web, "/now.m3u8", live=True)
    with pytest.raises(errors.PageIsLive):
        get(web.root + "/now.m3u8")
    assert left(tmp_path) == []
    assert "/0.mp3" not in web.asked


@pytest.mark.long
@needs_extra
def test_a_list_of_recordings_is_refused(web: WebPages, get: Callable[..., web_page.About], tmp_path: Path) -> None:
    url = web.page("/list", "<audio src='/talk.wav'></audio><audio src='/talk.wav?second'></audio>")
    with pytest.raises(errors.PageIsPlaylist):
        get(url)
    assert left(tmp_path) == []
    assert "/talk.wav" not in web.asked


@needs_extra
def test_a_page_without_a_recording_is_refused(web: WebPages, get: Callable[..., web_page.About], tmp_path: Path) -> None:
    with pytest.raises(errors.PageRefused) as refused:
        get(web.page("/words", "<p>Only words.</p>"))
    assert type(refused.value) is errors.PageRefused
    assert refused.value.params["said"]
    assert left(tmp_path) == []


@needs_extra
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (403, errors.PageRefused),
        *(pytest.param(status, errors.DownloadFailed, marks=pytest.mark.long) for status in (429, 503)),
    ],
)
def test_what_may_pass_is_tried_again(
    web: WebPages, get: Callable[..., web_page.About], tmp_path: Path, status: int, error: type[CastMindError]
) -> None:
    web.statuses["/talk.wav"] = status
    with pytest.raises(error):
        get(web.root + "/talk")
    assert left(tmp_path) == []


@pytest.mark.long
@needs_extra
def test_a_recording_that_is_too_large_is_refused(web: WebPages, get: Callable[..., web_page.About], tmp_path: Path) -> None:
    with pytest.raises(errors.TooLarge):
        get(web.root + "/talk", max_bytes=100_000)
    assert left(tmp_path) == []


@pytest.mark.long
@needs_extra
def test_a_full_disk_ends_it(web: WebPages, get: Callable[..., web_page.About], tmp_path: Path) -> None:
    with pytest.raises(errors.DiskFull):
        get(web.root + "/talk", min_free_bytes=1 << 60)
    assert left(tmp_path) == []


@needs_extra
def test_a_cancel_ends_the_child_and_leaves_nothing(web: WebPages, get: Callable[..., web_page.About], tmp_path: Path) -> None:
    def cancelled() -> None:
        if web.asked:
            raise errors.Cancelled()

    with pytest.raises(errors.Cancelled):
        get(web.root + "/talk", check=cancelled)
    assert left(tmp_path) == []


@pytest.mark.long
@needs_extra
def test_what_takes_too_long_is_tried_again(web: WebPages, get: Callable[..., web_page.About], tmp_path: Path) -> None:
    with pytest.raises(errors.DownloadFailed):
        get(web.root + "/talk", seconds=0.0)
    assert left(tmp_path) == []


def test_without_the_extra_the_page_is_told_for_what_it_is(
    web: WebPages, get: Callable[..., web_page.About], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_page, "installed", lambda: False)
    with pytest.raises(errors.PageExtraMissing) as missing:
        get(web.root + "/talk?key=secret")
    assert "secret" not in missing.value.detail
    assert web.asked == []


@pytest.mark.parametrize(
    ("error", "there", "so"),
    [
        (errors.NotAudio("", kind="text/html"), False, True),
        (errors.NotAudio("", kind="application/pdf"), True, False),
        (errors.NotAudio("", kind="application/vnd.apple.mpegurl"), True, True),
        (errors.NotAudio("", kind="application/vnd.apple.mpegurl"), False, False),
        (errors.DownloadFailed("", status=412), True, True),
        (errors.DownloadFailed("", status=412), False, False),
        (errors.DownloadFailed("", status=500), True, False),
        (errors.AccessRefused("", status=401), True, True),
        (errors.EnclosureGone("", status=404), True, False),
        (errors.NetworkUnreachable(""), True, False),
    ],
)
def test_what_may_be_a_page(error: CastMindError, there: bool, so: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_page, "installed", lambda: there)
    assert web_page.is_page(error) is so


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("ERROR: Unsupported URL: https://a.example/v?key=secret#x", "Unsupported URL: https://a.example/v"),
        ("ERROR: [x] 1: Not there; please report this issue on https://b.example/issues", "[x] 1: Not there"),
        ("Two: http://u:pw@a.example/1 'http://a.example/2?s=1'", "Two: http://a.example/1 'http://a.example/2'"),
        ("", ""),
    ],
)
def test_the_reason_holds_no_secret(said: str, shown: str) -> None:
    assert web_page.in_short(said) == shown


def test_what_a_page_says_of_itself_is_cleaned() -> None:
    about = web_page.understood(
        {
            "title": "Cats <script>alert(1)</script>",
            "description": "One <img src=x onerror=alert(1)>\nTwo https://example.org",
            "upload_date": "20260102",
            "thumbnail": "javascript:alert(1)",
            "webpage_url": "https://example.org/watch",
            "chapters": [
                {"title": "Second", "start": 60},
                {"title": "First", "start": 0},
                {"title": "", "start": 1},
                {"title": "Never", "start": float("nan")},
                {"title": "No time", "start": None},
            ],
        },
        "https://example.org/v",
    )
    assert "<" not in about.title
    assert "<br>" in about.description and "img" not in about.description
    assert about.published_at == 1767312000.0
    assert (about.link, about.image_url) == ("https://example.org/watch", None)
    assert [(c.title, c.start) for c in about.chapters] == [("First", 0.0), ("Second", 60.0)]
    assert web_page.understood({}, "https://example.org/v") == web_page.About("", link="https://example.org/v")
