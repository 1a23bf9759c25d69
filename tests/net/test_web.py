import time
from contextlib import closing
from email.utils import formatdate

import pytest

from core.errors import Cancelled, DownloadFailed, ServerBusy, TooLarge
from core.net import codings, web
from core.net.web import Fetcher, Patience, check_status, max_age, retry_after
from tests.fakes.podcast_host import Mode, PodcastHost

BIG = 10_000_000


def read(fetcher: Fetcher, url: str, limit: int = BIG, **more: object) -> bytes:
    with fetcher.open(url, **more) as answer:  # type: ignore[arg-type]
        return answer.read(limit)


def test_a_body_is_read_and_says_who_asks(host: PodcastHost, fetcher: Fetcher) -> None:
    assert read(fetcher, host.feed_url) == host.feed()
    asked = host.requests()[0].headers
    assert asked["user-agent"].startswith("CastMind/")
    assert asked["accept-encoding"] == "identity"


def test_no_proxy_of_the_environment_is_used(host: PodcastHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with closing(Fetcher(lambda: ("127.0.0.1",))) as made:
        assert read(made, host.feed_url) == host.feed()


def test_only_an_unbroken_run_of_permanent_redirects_moves_the_address(host: PodcastHost, fetcher: Fetcher) -> None:
    with fetcher.open(f"{host.url}/as/moved/feed.xml") as answer:
        assert (answer.url, answer.moved_to) == (host.feed_url, host.feed_url)
    with fetcher.open(f"{host.url}/as/found/feed.xml") as answer:
        assert (answer.url, answer.moved_to) == (host.feed_url, None)
    with fetcher.open(f"{host.url}/as/moved/as/found/feed.xml") as answer:
        assert (answer.url, answer.moved_to) == (host.feed_url, f"{host.url}/as/found/feed.xml")
    with fetcher.open(f"{host.url}/as/found/as/moved/feed.xml") as answer:
        assert (answer.url, answer.moved_to) == (host.feed_url, None)


def test_a_redirect_loop_ends(host: PodcastHost, fetcher: Fetcher) -> None:
    with pytest.raises(DownloadFailed, match="circle"):
        read(fetcher, host.audio_url("en_short.wav", Mode.LOOP))
    assert len(host.requests()) == web.REDIRECTS + 1


def test_too_much_is_refused_whether_stated_or_not(host: PodcastHost, fetcher: Fetcher) -> None:
    for mode in (Mode.OK, Mode.NO_LENGTH, Mode.ENDLESS):
        with pytest.raises(TooLarge):
            read(fetcher, host.audio_url("en_episode.mp3", mode), 100_000)


def test_compressed_bodies_are_unpacked_and_bombs_are_not(host: PodcastHost, fetcher: Fetcher) -> None:
    assert read(fetcher, f"{host.url}/as/gzip/feed.xml") == host.feed()
    with pytest.raises(TooLarge):
        read(fetcher, f"{host.url}/as/gzip_bomb/feed.xml", 1_000_000)


def test_a_bomb_unfolds_in_bounded_steps(host: PodcastHost, fetcher: Fetcher) -> None:
    with fetcher.open(f"{host.url}/as/gzip_bomb/feed.xml") as answer:
        sizes = [len(b) for b in answer.blocks(200_000_000)]
    assert sum(sizes) == 100_000_000
    assert max(sizes) <= codings.DECODED_BLOCK


@pytest.mark.parametrize("mode", [Mode.BREAK, Mode.TOO_SHORT])
def test_a_body_that_breaks_off_is_a_failure(mode: Mode, host: PodcastHost, fetcher: Fetcher) -> None:
    with pytest.raises(DownloadFailed):
        read(fetcher, host.audio_url("en_short.wav", mode))


@pytest.mark.parametrize("mode", [Mode.SILENT, Mode.STALL])
def test_silence_ends_with_the_read_timeout(mode: Mode, host: PodcastHost, fetcher: Fetcher) -> None:
    with pytest.raises(DownloadFailed):
        read(fetcher, host.audio_url("en_short.wav", mode), patience=Patience(read=0.2))


def test_dripping_bytes_end_with_the_whole_timeout(host: PodcastHost, fetcher: Fetcher) -> None:
    with pytest.raises(DownloadFailed):
        read(fetcher, host.audio_url("en_short.wav", Mode.DRIP), patience=Patience(read=10.0, whole=0.5))


def test_a_check_ends_a_silent_request(host: PodcastHost, fetcher: Fetcher) -> None:
    asked = 0

    def check() -> None:
        nonlocal asked
        asked += 1
        if asked > 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        read(fetcher, host.audio_url("en_short.wav", Mode.SILENT), check=check)


def test_a_busy_server_says_when_to_come_back(host: PodcastHost, fetcher: Fetcher) -> None:
    def wait(mode: Mode) -> float | None:
        with fetcher.open(host.audio_url("en_short.wav", mode)) as answer:
            try:
                check_status(answer, time.time())
            except ServerBusy as busy:
                return busy.retry_after
        return None

    assert wait(Mode.BUSY) == 7.0
    assert wait(Mode.TOO_MANY) == pytest.approx(3600, abs=60)
    assert wait(Mode.UNAVAILABLE) is None
    assert wait(Mode.OK) is None


def test_headers_about_time() -> None:
    assert retry_after({"retry-after": "120"}, 0) == 120
    assert retry_after({"retry-after": formatdate(1000, usegmt=True)}, 400) == 600
    assert retry_after({"retry-after": formatdate(1000, usegmt=True)}, 4000) == 0
    assert retry_after({"retry-after": "99999999"}, 0) == 604800
    assert retry_after({"retry-after": "soon"}, 0) is None
    assert retry_after({}, 0) is None
    assert max_age({"cache-control": "public, max-age=1800"}) == 1800
    assert max_age({"cache-control": "s-maxage=5, no-store"}) is None
