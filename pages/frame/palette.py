"""The palette (Ctrl K, ⌘ K): search as you type, jump to a page, do something, from every page.

key, button of the rail ─▶ palette.js ─┬─▶ GET /api/v1/search/quick ─▶ episodes with hits: open, or play in place
                                       ├─▶ pages: goTo (shared/page.js)
                                       └─▶ actions: the HTTP API
"""

from __future__ import annotations

from core.domain.accounts.role import Role
from pages.settings import setting_groups
from pages.shared.component_source import component
from pages.shared.search import search_answer
from pages.text import t
from pages.visitor import me

PAGES = ("library", "feeds", "search", "highlights", "queue", "settings", "status")
NEEDS = {"refresh": Role.MEMBER, "pause": Role.MEMBER, "resume": Role.MEMBER, "backup": Role.ADMIN}
ACTIONS = ("play", "refresh", "pause", "resume", "backup", "light", "dark", "system")
_SCRIPTS = ("shared/page.js", *search_answer.SCRIPTS, "shared/theme.js", "palette_actions.js", "palette.js")

_component = component("castmind_palette", __file__, scripts=_SCRIPTS, styles=(*search_answer.STYLES, "palette.css"))


def draw() -> None:
    """Draw the palette; nothing shows until it is called."""
    given = {
        "places": [*_pages(), *_settings()],
        "actions": [{"name": name, "title": t(f"palette.do.{name}")} for name in _actions()],
        **search_answer.given("search.", "palette."),
    }
    # In a list: Streamlit would search a dictionary for data frames, and that loads pandas for good.
    _component(key="palette", data=[given])


def _actions() -> list[str]:
    """Return the actions that the reader's role allows."""
    role = me().role
    return [name for name in ACTIONS if role >= NEEDS.get(name, Role.VIEWER)]


def _pages() -> list[dict[str, str]]:
    return [{"title": t(f"nav.{name}"), "href": "/" if name == "library" else f"/{name}"} for name in PAGES]


def _settings() -> list[dict[str, str]]:
    where = t("nav.settings")
    return [
        {"title": f"{where} › {t(f'settings.group.{name}')}", "href": f"/settings?group={name}"}
        for name in setting_groups.groups()
    ]
