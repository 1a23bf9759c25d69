from __future__ import annotations

import subprocess

import pytest

from core.domain.episodes.publisher_extras import ExtraKind, Offer
from core.domain.feeds.people import Person
from core.errors import NotAFeed, Stopped, TooLarge
from core.sources.feeds import reading
from core.sources.feeds.parse import parse
from core.sources.feeds.reading import LARGE, read_feed

URL = "https://user:secret@pods.example/feed.xml?key=secret"
HEAD = """<rss version="2.0" xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel>
<title>Große Schau 节目</title><ttl>90</ttl>"""


def feed(items: int, padding: int = 0) -> bytes:
    rows = (
        f"<item><guid>{n}</guid><title>Nr {n} \U0001f600</title>"
        f"<description><![CDATA[<p>{'x' * padding}</p><script>1</script>]]></description>"
        f'<enclosure url="https://a.example/{n}.mp3" type="audio/mpeg"/><podcast:person role="guest">Ann</podcast:person>'
        f'<podcast:transcript url="https://a.example/{n}.vtt" type="text/vtt" language="en"/></item>'
        for n in range(items)
    )
    return f"{HEAD}{''.join(rows)}</channel></rss>".encode()


def test_what_is_parsed_apart_is_what_is_parsed_here() -> None:
    body = feed(25, padding=100_000)
    assert len(body) > LARGE
    there, here = read_feed(body, URL, "text/xml; charset=utf-8"), parse(body, URL)
    assert there == here
    assert there.entries[3].people == (Person("Ann", "guest"),)
    assert there.entries[3].offers == (Offer(ExtraKind.TRANSCRIPT, "https://a.example/3.vtt", "text/vtt", "en"),)
    assert "script" not in there.entries[3].description


def test_a_small_feed_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", None)
    assert len(read_feed(feed(3), URL).entries) == 3


def test_a_large_body_that_is_no_feed_is_refused_without_its_secrets() -> None:
    with pytest.raises(NotAFeed, match=r"^https://pods\.example/feed\.xml answers") as refused:
        read_feed(b"<html>" + b" " * LARGE, URL)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("code", ["bytearray(1 << 31)", "exec('while True: pass')"])
def test_one_that_takes_too_much_is_ended_and_says_so(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits are real: the child takes more memory, or more processor time, than it may."""
    real = reading.run

    def run(module: str, **kept: object) -> object:
        assert module == "core.sources.feeds.worker"
        program = f"from core.sandbox.child import enter; enter(memory=1 << 30, cpu_seconds=1); {code}"
        return real("timeit", "-n1", "-r1", program, **kept)  # type: ignore[arg-type]

    monkeypatch.setattr(reading, "run", run)
    with pytest.raises(TooLarge, match="Its episodes are kept") as refused:
        read_feed(feed(1, padding=LARGE), URL)
    assert "secret" not in str(refused.value)


def test_reading_a_large_feed_can_be_ended() -> None:
    def stop() -> None:
        raise Stopped

    with pytest.raises(Stopped):
        read_feed(feed(2_000, padding=2_000), URL, check=stop)
