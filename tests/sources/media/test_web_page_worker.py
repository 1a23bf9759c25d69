"""The rules of the child that runs yt-dlp: what is a recording, what may pass, and which options it never gets."""

from __future__ import annotations

import importlib
import io
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes.web_pages import needs_extra

pytestmark = needs_extra
HIDDEN = ("requests", "websockets", "curl_cffi")


@pytest.fixture(scope="module")
def worker() -> Iterator[Any]:
    """The module, which hides HTTP libraries from its own process: here they are put back at once."""
    there = {name: sys.modules[name] for name in HIDDEN if name in sys.modules}
    made = importlib.import_module("core.sources.media.web_page_worker")
    for name in HIDDEN:
        assert sys.modules.pop(name) is None
    sys.modules.update(there)
    yield made
    del os.environ["YTDLP_NO_PLUGINS"]


# --- what is found ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (None, "nothing"),
        ({}, "nothing"),
        ({"title": "A talk"}, None),
        ({"_type": "video", "live_status": "was_live"}, None),
        ({"_type": "playlist", "entries": []}, "playlist"),
        ({"_type": "url_transparent"}, "playlist"),
        ({"is_live": True}, "live"),
        ({"live_status": "is_live"}, "live"),
        ({"live_status": "is_upcoming"}, "live"),
    ],
)
def test_one_recording_that_is_over_is_fetched_and_nothing_else(
    worker: Any, found: dict[str, Any] | None, why: str | None
) -> None:
    assert worker.refusal(found) == why


def test_what_is_told_of_a_recording_is_a_known_few_fields(worker: Any) -> None:
    found = {
        "title": "A talk",
        "http_headers": {"Cookie": "s3cret"},
        "chapters": [{"title": "One", "start_time": 1.5, "x": 1}] * 600,
    }
    told = worker.about(found)
    assert set(told) == {*worker.NAMES, "chapters"} and "s3cret" not in json.dumps(told)
    assert (told["title"], told["duration"]) == ("A talk", None)
    assert len(told["chapters"]) == 500 and told["chapters"][0] == {"title": "One", "start": 1.5}
    assert worker.about({"chapters": None})["chapters"] == []


# --- what goes wrong --------------------------------------------------------------------------------


def refused(worker: Any, status: int) -> Exception:
    from yt_dlp.networking.common import Response

    error: Exception = worker.exceptions.HTTPError(Response(io.BytesIO(), "https://a.example/", {}, status))
    return error


def wrapped(worker: Any, error: Exception) -> Exception:
    """As yt-dlp hands an error on: its cause in an attribute of its own."""
    inner: Exception = worker.yt_dlp.utils.ExtractorError("it failed", cause=error)
    outer: Exception = worker.yt_dlp.utils.DownloadError("ERROR", exc_info=(type(inner), inner, None))
    return outer


@pytest.mark.parametrize(
    ("status", "kind"), [(503, "network"), (429, "network"), (408, "network"), (403, "error"), (404, "error")]
)
def test_only_a_status_that_may_pass_is_worth_another_try(worker: Any, status: int, kind: str) -> None:
    error = refused(worker, status)
    assert worker.failure(error) == worker.failure(wrapped(worker, error)) == kind


def test_other_failures_are_told_apart_by_their_cause(worker: Any) -> None:
    utils, net = worker.yt_dlp.utils, worker.exceptions
    assert worker.failure(wrapped(worker, utils.UnsupportedError("https://a.example/"))) == "nothing"
    assert worker.failure(wrapped(worker, net.TransportError("connection reset"))) == "network"
    assert worker.failure(wrapped(worker, net.CertificateVerifyError("self-signed"))) == "error"
    assert worker.failure(utils.DownloadError("the page changed")) == "unknown"


def test_errors_that_name_each_other_come_to_an_end(worker: Any) -> None:
    one, two = worker.yt_dlp.utils.ExtractorError("one"), worker.yt_dlp.utils.ExtractorError("two")
    one.cause, two.cause = two, one
    assert list(worker.causes(one)) == [one, two] and worker.failure(one) == "unknown"


# --- options ----------------------------------------------------------------------------------------


def test_the_order_s_path_is_taken_as_it_is_and_nothing_of_the_computer_s_own(worker: Any) -> None:
    made = worker.options({"output": "/data/100%(id)s.part", "most": 7}, lambda **_: None)
    assert made["outtmpl"] == {"default": "/data/100%%(id)s.part"} and made["max_filesize"] == 7
    with worker.yt_dlp.YoutubeDL(made | {"logger": worker._Log()}) as tool:
        assert tool.prepare_filename({"id": "x", "title": "y", "ext": "mp3"}) == "/data/100%(id)s.part"
    assert made["proxy"].endswith(".invalid:80") and made["cachedir"] is False and made["js_runtimes"] == {}
    assert not {"cookiefile", "cookiesfrombrowser", "postprocessors", "usenetrc"} & made.keys()


def test_progress_is_told_while_it_downloads_with_or_without_a_known_length(worker: Any) -> None:
    said: list[dict[str, Any]] = []
    (hook,) = worker.options({"output": "a", "most": 1}, lambda **told: said.append(told))["progress_hooks"]
    for state in (
        {"status": "downloading", "downloaded_bytes": 5, "total_bytes": 9},
        {"status": "downloading", "downloaded_bytes": 6, "total_bytes": None, "total_bytes_estimate": 9.5},
        {"status": "downloading", "downloaded_bytes": None},
        {"status": "finished", "downloaded_bytes": 9},
    ):
        hook(state)
    assert said == [{"done": 5, "total": 9}, {"done": 6, "total": 9}, {"done": 0, "total": 0}]
