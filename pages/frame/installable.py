"""The routes that make CastMind an app that a browser installs: its manifest, icons, and the page for a server that is away.

    browser ─┬─▶ /manifest.webmanifest ─▶ "Install", "Share" (share_target.py)
             └─▶ /service-worker.js ─▶ keeps /app/offline ─▶ shown without a server

Browsers run service workers on localhost and over https alone; elsewhere the app installs without the offline page.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from pages.frame import share_target
from pages.shared.uploader import uploader
from pages.text import asked_language, texts

FILES = Path(__file__).with_name("app")
ICONS = ("icon-192.png", "icon-512.png", "icon-maskable-512.png", "apple-touch-icon.png")
FRESH = {"cache-control": "no-cache"}
BY_LANGUAGE = {**FRESH, "vary": "accept-language"}
PAPER = "#fbf9f4"


def routes() -> list[BaseRoute]:
    return [
        Route("/manifest.webmanifest", manifest),
        Route("/service-worker.js", service_worker),
        Route("/app/offline", offline),
        Route("/app/offline.js", _file("offline.js", "text/javascript")),
        *(Route(f"/app/{name}", _file(name, "image/png")) for name in ICONS),
        *share_target.routes(),
    ]


def manifest(request: Request) -> Response:
    """Describe the app, in the language that the browser asks for. https://www.w3.org/TR/appmanifest/"""
    language = asked_language(request.headers.get("accept-language", ""))
    words = texts(language)
    given: dict[str, Any] = {
        "id": "/",
        "name": "CastMind",
        "short_name": "CastMind",
        "description": words["app.description"],
        "lang": language,
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": [
            {"src": "/app/icon-192.png", "sizes": "192x192", "type": "image/png"},
            {"src": "/app/icon-512.png", "sizes": "512x512", "type": "image/png"},
            {"src": "/app/icon-maskable-512.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
        ],
        "share_target": {
            "action": share_target.PATH,
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {
                **{name: name for name in share_target.WORDS},
                "files": [{"name": share_target.FILES, "accept": uploader.AUDIO.split(",")}],
            },
        },
        "shortcuts": [{"name": words[f"nav.{name}"], "url": f"/{name}"} for name in ("search", "highlights", "feeds")],
    }
    return JSONResponse(given, media_type="application/manifest+json", headers=BY_LANGUAGE)


def service_worker(_: Request) -> Response:
    return FileResponse(FILES / "service_worker.js", media_type="text/javascript", headers=FRESH)


def offline(request: Request) -> Response:
    language = asked_language(request.headers.get("accept-language", ""))
    words = {name: escape(texts(language)[f"app.offline.{name}"]) for name in ("title", "body", "again")}
    page = Template((FILES / "offline.html").read_text(encoding="utf-8"))
    return HTMLResponse(page.substitute(words, language=language), headers=BY_LANGUAGE)


def _file(name: str, kind: str) -> Any:
    def sent(_: Request) -> Response:
        return FileResponse(FILES / name, media_type=kind, headers=FRESH)

    return sent
