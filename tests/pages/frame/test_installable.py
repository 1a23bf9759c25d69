"""The routes of the installed app: manifest and offline page in the browser's language, the worker, icons of their sizes."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.frame import installable
from pages.library.adding import add
from pages.text import texts


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=installable.routes())) as made:
        yield made


@pytest.mark.parametrize(
    ("accepted", "language"), [("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("de,en;q=0.5", "en"), ("fr", "en"), ("", "en")]
)
def test_manifest_and_offline_page_are_in_the_browsers_language(client: TestClient, accepted: str, language: str) -> None:
    told = client.get("/manifest.webmanifest", headers={"Accept-Language": accepted})
    assert told.headers["content-type"] == "application/manifest+json"
    assert (told.json()["lang"], told.json()["description"]) == (language, texts(language)["app.description"])
    page = client.get("/app/offline", headers={"Accept-Language": accepted})
    assert texts(language)["app.offline.title"] in page.text and f'lang="{language}"' in page.text
    assert page.headers["vary"] == "accept-language"


def test_other_apps_share_files_and_addresses_by_one_form(client: TestClient) -> None:
    target = client.get("/manifest.webmanifest").json()["share_target"]
    assert (target["action"], target["method"], target["enctype"]) == ("/share", "POST", "multipart/form-data")
    (files,) = target["params"].pop("files")
    assert {f"share_{name}" for name in target["params"].values()} == set(add.SHARED)
    assert files["name"] == "files" and {"audio/*", "video/*", ".opus"} <= set(files["accept"])


def test_every_icon_has_the_size_that_the_manifest_names(client: TestClient) -> None:
    icons = client.get("/manifest.webmanifest").json()["icons"]
    assert {icon.get("purpose") for icon in icons} == {None, "maskable"}
    for icon in icons:
        with Image.open(io.BytesIO(client.get(icon["src"]).content)) as picture:
            assert f"{picture.width}x{picture.height}" == icon["sizes"]
    assert client.get("/app/apple-touch-icon.png").headers["content-type"] == "image/png"


def test_scripts_are_asked_for_again_each_time(client: TestClient) -> None:
    for path in ("/service-worker.js", "/app/offline.js"):
        answer = client.get(path)
        assert answer.headers["content-type"].startswith("text/javascript")
        assert answer.headers["cache-control"] == "no-cache"
