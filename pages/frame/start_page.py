"""The page that a browser gets before Streamlit runs: Streamlit's own, with the styles of every page, the bundle, a first view.

Streamlit's index.html ─▶ joined scripts (core/api/server) ─▶ StartPage.page ─▶ browser ─┬─▶ first view, at once
                                                                                         └─▶ Streamlit, under it
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from string import Template

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Scope

from core.domain.accounts.actor import IN_SCOPE, Actor
from core.domain.accounts.role import Role
from pages.frame import first_view, palette, player_now
from pages.shared import component_source
from pages.shared.uploader import tray

# Of every page; the first view brings those of the library.
FRAME = (palette, player_now, tray)
STYLES = Path(__file__).with_name("frame.css")
SCRIPT = Path(__file__).with_name("first_view.js")
# The names change with the contents.
KEPT = {"cache-control": "max-age=31536000, immutable", "vary": "accept-encoding"}
# Places of Streamlit's page.
_END = "</body>"
_TITLE = re.compile("(?<=<title>)[^<]+")
_ROOT = 'id="root"'
_VIEWER = "data-role=viewer"
_ADDED = Template(Path(__file__).with_name("start_page.html").read_text(encoding="utf-8"))


class StartPage:
    """`fonts`: the addresses of Streamlit's fonts, `sans` and `serif`."""

    def __init__(self, fonts: Mapping[str, str]) -> None:
        self._places = {**fonts, "styles": STYLES.read_text(encoding="utf-8")}

    def routes(self) -> list[BaseRoute]:
        return [Route(f"{component_source.PARTS}{{name}}.js", self._file)]

    def page(self, html: str, scope: Scope) -> str:
        """Return the page for a request; an `html` other than Streamlit's page is returned as it is."""
        if _ROOT not in html:
            return html
        view = first_view.of(Request(scope))
        data = json.dumps(view).replace("<", "\\u003c") if view else ""
        bundle = f"{component_source.PARTS}{self._bundle[0]}.js"
        # In the body: Streamlit puts its own rules at the end of the head, and these win over them.
        actor: Actor | None = scope.get(IN_SCOPE)
        if actor is not None and actor.role < Role.MEMBER:
            # Controls that the server would refuse are not shown (pages/shared/page.js).
            html = html.replace("<html", f"<html {_VIEWER}", 1)
        added = _ADDED.substitute(self._places, data=data, bundle=bundle)
        return _TITLE.sub("CastMind", html.replace(_END, f"{added}{_END}", 1), count=1)

    @cached_property
    def _bundle(self) -> tuple[str, str]:
        """Return name and text of the bundle. All its components are registered once this module is imported."""
        text = f"{component_source.bundle()}{SCRIPT.read_text(encoding='utf-8')}"
        return f"all-{hashlib.sha256(text.encode()).hexdigest()[:12]}", text

    def _file(self, request: Request) -> Response:
        """Send the bundle, or one of its parts for a window that was opened before an update."""
        name, (all_of_them, text) = request.path_params["name"], self._bundle
        if name != all_of_them:
            try:
                text = component_source.bundle([name])
            except KeyError:
                return Response(status_code=404)
        zipped = "gzip" in request.headers.get("accept-encoding", "")
        sent = gzip.compress(text.encode(), 6) if zipped else text.encode()
        return Response(sent, media_type="text/javascript", headers=KEPT | ({"content-encoding": "gzip"} if zipped else {}))
