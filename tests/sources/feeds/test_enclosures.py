import pytest

from core.sources.feeds.enclosures import enclosure

URL = "https://pods.example/show/feed.xml"


def listed(address: str, kind: str | None = None) -> bool:
    return enclosure({"enclosures": [{"href": address, **({"type": kind} if kind is not None else {})}]}, URL) is not None


def described(address: str, **more: str) -> bool:
    return enclosure({"media_content": [{"url": address, **more}]}, URL) is not None


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://a.example/slides.PPTX", "application/octet-stream"),
        ("https://a.example/cover.webp?w=600", None),
        ("https://a.example/cover.AVIF", ""),
        ("https://a.example/book.mobi", "binary/octet-stream"),
        ("https://a.example/show%2Ezip", "application/octet-stream"),
        ("https://a.example/get.php?file=notes.pdf", "application/octet-stream"),
        ("https://a.example/captions.vtt", None),
        ("https://a.example/page.html#t=1", None),
        ("https://a.example/play/5", "text/html"),
        ("https://a.example/play/5", "application/x-shockwave-flash"),
        ("https://a.example/x.torrent", "application/x-bittorrent"),
        ("https://a.example/x", "image/png"),
        ("https://a.example/comic.cbz", "application/octet-stream"),
        ("https://a.example/track.gpx", None),
        ("https://a.example/photo.jxl?w=3", ""),
        ("https://a.example/live/index.m3u8", None),
        ("https://a.example/list.pls", "application/octet-stream"),
        ("https://a.example/x.mp3.sha256", None),
    ],
)
def test_other_files_are_no_episodes(address: str, kind: str | None) -> None:
    assert not listed(address, kind)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://a.example/1.M4B", "application/octet-stream"),
        ("https://a.example/1.mp3?img=cover.jpg", "application/force-download"),
        ("https://a.example/1.opus", "text/plain"),
        ("https://a.example/1%2Emp3", "application/x-nonsense"),
        ("https://a.example/get?filename=a.flac", "text/html"),
        ("https://a.example/play/6", "MP3"),
        ("https://a.example/play/6", ".m4a"),
        ("https://a.example/play/7", "Audio/X-M4A; charset=binary"),
        ("https://a.example/play/8", ""),
        ("https://a.example/play/9", None),
        ("https://a.example/play.jpg", "audio/mpeg"),
        ("https://a.example/v1.2/play", "application/octet-stream"),
    ],
)
def test_audio_and_video_are_episodes_whatever_they_are_called(address: str, kind: str | None) -> None:
    assert listed(address, kind)


def test_a_medium_is_honoured() -> None:
    avatar = "https://0.gravatar.example/avatar/f1ec?s=96"
    assert not described(avatar, medium="image")
    assert not described(avatar, medium="IMAGE ")
    assert not described("https://a.example/1.mp3", medium="document")
    assert not described(avatar)
    assert not described("https://a.example/p.png", medium="video")
    assert described("https://a.example/stream?id=1", medium="audio")
    assert described("https://a.example/stream?id=1", duration="60")
    assert described("https://a.example/stream?id=1", type="video/mp4")
    assert described("https://a.example/1.ogg")


def test_what_is_surely_audio_is_taken_before_what_may_be() -> None:
    raw = {
        "enclosures": [{"href": "/download?id=1"}, {"href": "/2.mp3", "length": "12"}],
        "media_content": [{"url": "/3.mp3", "type": "audio/mpeg"}],
    }
    assert enclosure(raw, URL) == ("https://pods.example/2.mp3", None, 12)
    assert enclosure({**raw, "enclosures": raw["enclosures"][:1]}, URL) == ("https://pods.example/download?id=1", None, None)


@pytest.mark.parametrize("size", ["-1", "0", "²", "9" * 5000, "lots", ""])
def test_a_size_that_is_none_is_none(size: str) -> None:
    assert enclosure({"enclosures": [{"href": "/1.mp3", "length": size}]}, URL) == ("https://pods.example/1.mp3", None, None)
