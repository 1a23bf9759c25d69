"""The first run in four steps: what CastMind found on this computer, and a remedy for each missing part.

SetupChecklist.checklist ─▶ steps(): this computer, notes, language and look, the first episode ─▶ component
    trigger `pull` ─▶ background_tasks ─▶ progress, cancel, or the reason of its failure      trigger `dismiss` ─▶ hidden for good
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from core import app
from core.domain.accounts.role import Role
from pages.shared import actions, auto_refresh, background_tasks
from pages.shared.component_source import component
from pages.shared.escape_markdown import plain
from pages.text import language, message_text, t
from pages.visitor import me

if TYPE_CHECKING:
    from core.services.settings.setup_checklist import SetupItem

Json = dict[str, Any]
KEY = "first-steps"
# The items of the checklist by step, and the page where the step is changed.
STEPS = {
    "computer": (("device", "speech_model", "disk"), "/settings?group=speech"),
    "notes": (("ollama", "language_model"), "/settings?group=notes"),
    "look": (("language",), "/settings?group=pages"),
}
# The worst state of a step's items is that of the step.
WORST = ("todo", "working", "warn", "ok")
_last: dict[str, Json | None] = {}

_component = component("castmind_first_steps", __file__, scripts=("page.js", "first_steps.js"), styles=("first_steps.css",))


def draw() -> None:
    """Draw the steps, until everything is in place or the reader has dismissed them."""
    finished = app.current().setup_checklist.finished(me())
    if finished:
        _last[language()] = None
    else:
        auto_refresh.follow(_card, _interval)


def _interval() -> float | None:
    """Return a refresh interval while the steps are shown: a pull, a probe or a start of Ollama may change them."""
    setup = app.current().setup_checklist
    if setup.finished(me()):
        return None
    return pull_interval()


def pull_interval() -> float:
    """Return the seconds between two checks of Ollama's models."""
    pull = app.current().setup_checklist.pulling(me())
    return auto_refresh.WAITING if pull is None or pull.finished else auto_refresh.MOVING


def _card() -> None:
    """Draw the steps, unfolded while the library is empty."""
    # In a list: Streamlit would search a dictionary for data frames, and that loads pandas for good.
    given = data()
    if not given["open"]:
        _last[language()] = given
    _component(key=KEY, data=[given], on_dismiss_change=_dismiss, on_pull_change=_pull)
    pull_controls(offer=False)


def was_drawn() -> bool:
    """Return whether a page of this language has drawn the steps above episodes since the start, or has found them finished."""
    return language() in _last


def last_drawn() -> Json | None:
    """Return the steps as they were drawn last, without asking Ollama or the speech worker anew; None: they were finished."""
    return _last[language()]


def data() -> Json:
    """Return the component's data, as JSON types."""
    castmind = app.current()
    setup = castmind.setup_checklist
    episodes = castmind.library.count(me())
    items = setup.checklist(me())
    offer = any(item.key == "language_model" and item.state == "todo" for item in items) and setup.ollama(me()).host is not None
    model = setup.recommended_model(me()) if offer else ""
    words = {name: t(f"setup.{name}") for name in ("title", "body", "dismiss", "change")}
    made = steps(items, episodes=episodes, pull=model)
    words["done"] = t("setup.steps_done", n=sum(step["state"] == "ok" for step in made), of=len(made))
    return {"steps": made, "open": not episodes, "text": words}


def steps(items: Sequence[SetupItem], *, episodes: int, pull: str) -> list[Json]:
    """Return the four steps, each {name, title, state, lines, href}. `pull` is a model: the notes' step gets the label of a
    button that downloads it.
    """
    by_key = {item.key: item for item in items}
    made: list[Json] = []
    for name, (keys, href) in STEPS.items():
        its = [by_key[key] for key in keys]
        state = min((item.state for item in its), key=WORST.index)
        step = {
            "name": name,
            "title": t(f"setup.step.{name}"),
            "state": state,
            "lines": [_line(item) for item in its],
            "href": href,
        }
        made.append(step | ({"pull": t("pull.start", model=pull)} if pull and name == "notes" else {}))
    code = "begun" if episodes else "none"
    lines = [{"name": "", "words": t(f"setup.step.episode.{code}")}]
    state = "ok" if episodes else "todo"
    made.append({"name": "episode", "title": t("setup.step.episode"), "state": state, "href": "", "lines": lines})
    return made


def _line(item: SetupItem) -> Json:
    params = {name: message_text(value) for name, value in item.params.items()}
    return {"name": t(f"setup.{item.key}"), "words": t(f"setup.{item.key}.{item.code}", **params), "state": item.state}


def _dismiss() -> None:
    actions.attempt(lambda: app.current().setup_checklist.dismiss(me()))


def _pull() -> None:
    setup = app.current().setup_checklist
    actions.attempt(lambda: background_tasks.watch(setup.pull(me(), setup.recommended_model(me()))))


def pull_controls(*, offer: bool) -> None:
    """Draw the running pull with its cancel button, or, if `offer`, the button that starts one."""
    setup = app.current().setup_checklist
    pull = setup.pulling(me())
    if background_tasks.show("pull"):
        st.rerun()
    if pull and not pull.finished:
        return
    if offer:
        model = setup.recommended_model(me())
        actions.button(
            t("pull.start", model=plain(model)),
            lambda: background_tasks.watch(setup.pull(me(), model)),
            key="setup.pull",
            needs=Role.ADMIN,
            icon=":material/download:",
        )
