"""Other apps share files and addresses with CastMind over real HTTP; the library then tells what became of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from core.domain.episodes.episode import Episode, Source
from core.domain.episodes.listed import Listed
from core.errors import UserError
from core.services.ingest.uploads import Shared
from core.sources.uploads.form_files import RefusedFile
from pages.frame import share_target
from tests.browser.conftest import SAMPLES
from tests.running import RunningApp

WAV = (SAMPLES / "en_short.wav").read_bytes()
# As a browser sends a share: for the user, and for no page.
BY_USER = {"Origin": "null", "Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}
Files = list[tuple[str, tuple[str, bytes]]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with RunningApp(tmp_path_factory.mktemp("share") / "data", CASTMIND_WHISPER_MODEL="demo") as running:
        running.client.post("/api/v1/queue/pause").raise_for_status()
        yield running


def share(app: RunningApp, *files: tuple[str, bytes], headers: dict[str, str] = BY_USER, **fields: str) -> httpx.Response:
    sent: Files = [("files", file) for file in files]
    # A form without files is multipart too.
    form = [*sent, *((name, (None, value)) for name, value in fields.items())]
    return app.client.post("/share", files=form, headers=headers, follow_redirects=False)  # type: ignore[arg-type]


def told(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 303, answer.text
    to = urlsplit(answer.headers["location"])
    assert (to.netloc, to.path) == ("", "/")
    return parse_qsl(to.query, keep_blank_values=True)


def title(app: RunningApp, number: str) -> str:
    return str(app.client.get(f"/api/v1/episodes/{number}").raise_for_status().json()["title"])


def left_over(app: RunningApp) -> list[Path]:
    return [file for file in (app.data / "uploads").rglob("*.part") if file.is_file()]


def test_several_files_are_taken_in_and_a_refused_one_is_named(home: RunningApp) -> None:
    other = WAV[:-2] + b"ab"
    said = told(share(home, ("one.wav", WAV), ("notes.txt", b"words"), ("二.wav", other), title="one.wav"))
    (added, first), (again, second), (refused, why) = said
    assert (added, again, refused, why) == ("share_added", "share_added", "share_refused", "not_audio:notes.txt")
    assert [title(home, number) for number in (first, second)] == ["one", "二"]
    assert told(share(home, ("one.wav", WAV))) == [("share_added", first)]
    assert left_over(home) == []


def test_an_address_is_asked_about_in_the_library(home: RunningApp) -> None:
    assert told(share(home, title="A talk", text="at https://a.example/x")) == [("share_url", "https://a.example/x")]
    assert told(share(home, ("notes.txt", b"words"), url="https://a.example/x")) == [
        ("share_refused", "not_audio:notes.txt"),
        ("share_url", "https://a.example/x"),
    ]
    assert told(share(home, title="")) == told(share(home, text="words " * 5000)) == [("share_text", "")]


def test_the_librarys_address_stays_short() -> None:
    refused = [RefusedFile("名" * 200, UserError("No.", case="share_broken"))] * 100
    episodes = [Listed(Episode(10**6 + n, "", Source.UPLOAD, 0.0, 0.0), (), None, None) for n in range(100)]
    words = share_target.told(Shared(tuple(episodes), tuple(refused), {"url": "https://a.example/" + "x" * 2400}))
    names = [value for name, value in words if name == "share_refused"]
    assert names == [f"invalid.share_broken:{'名' * 120}"]
    assert ("share_more", "99") in words and words[-1][0] == "share_url"
    assert len(urlencode(words)) < 8000
    assert share_target.told(Shared((), (), {"url": "https://a.example/" + "名" * 400})) == [("share_text", "")]


def test_a_form_that_breaks_off_tells_what_was_taken_in(home: RunningApp) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="files"; filename="one.wav"\r\n\r\n' + WAV + b"\r\n"
    headers = BY_USER | {"Content-Type": "multipart/form-data; boundary=x"}
    added, broken = told(home.client.post("/share", content=part + b"--x\r\n", headers=headers, follow_redirects=False))
    assert (added[0], broken) == ("share_added", ("share_refused", "invalid.share_broken:"))


def test_what_is_no_form_is_told_as_well(home: RunningApp) -> None:
    sent = home.client.post("/share", content=b"x", headers=BY_USER | {"Content-Type": "text/plain"}, follow_redirects=False)
    assert told(sent) == [("share_refused", "invalid:")]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("origin", ["null", "https://evil.example"])
def test_a_page_of_another_site_shares_nothing(home: RunningApp, site: str, origin: str) -> None:
    before = home.client.get("/api/v1/episodes", params={"count": True}).json()["total"]
    headers = {"Origin": origin, "Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}
    assert share(home, ("evil.wav", WAV + b"evil"), headers=headers).status_code == 403
    assert home.client.get("/api/v1/episodes", params={"count": True}).json()["total"] == before


def test_a_full_disk_keeps_nothing_and_says_so(tmp_path: Path) -> None:
    with RunningApp(tmp_path / "data", CASTMIND_MIN_FREE_GB="100000") as running:
        assert told(share(running, ("one.wav", WAV))) == [("share_refused", "disk_full:one.wav")]
        assert left_over(running) == []
