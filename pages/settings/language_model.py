"""The picker of the language model: those that Ollama has, and those that it can download.

OllamaState.installed, suggestions ─▶ options ─▶ model_picker ─┬─▶ the setting `ollama_model`
                                                              └─▶ a pull, whose progress stands below
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from core import app
from pages.settings import model_picker
from pages.settings.model_picker import Json
from pages.shared import actions, auto_refresh, background_tasks, first_steps, formats
from pages.shared.escape_markdown import plain
from pages.text import message_text, t
from pages.visitor import me

if TYPE_CHECKING:
    from core.domain.notes.ollama_state import InstalledModel, OllamaState

NAME = "ollama_model"
AUTO = "auto"


def draw(value: str, save: Callable[[str], object], *, locked: bool) -> None:
    state = app.current().setup_checklist.ollama(me())
    model_picker.draw(
        f"picker.{NAME}",
        t(f"setting.{NAME}"),
        options(state, value),
        chosen=value or AUTO,
        other=t("picker.language_example"),
        locked=locked,
        on_choice=lambda chosen: save("" if chosen == AUTO else chosen),
        on_pull=lambda name: actions.attempt(lambda: background_tasks.watch(app.current().setup_checklist.pull(me(), name))),
    )
    if state.host is None:
        st.caption(t("picker.no_ollama"))
    auto_refresh.follow(lambda: _changes(state), first_steps.pull_interval)


def _changes(shown: OllamaState) -> None:
    """Draw the running pull; rerun the page when Ollama has come or gone, or has other models."""
    first_steps.pull_controls(offer=False)
    now = app.current().setup_checklist.ollama(me())
    if (now.host, now.models) != (shown.host, shown.models):
        st.rerun()


def options(state: OllamaState, value: str) -> list[Json]:
    """Return the options: automatic, the installed models that write text, and downloads that suit this computer."""
    note = t("picker.language_auto")
    if state.chosen and not state.wanted:
        note = t("picker.auto_uses", model=state.chosen, why=plain(message_text(state.why)))
    rows = [model_picker.option(AUTO, t("option.auto"), note=note)]
    installed = [model for model in state.models if model.writes]
    rows += [_option(model) for model in installed]
    if value and all(model.name != value for model in installed):
        rows.append(model_picker.option(value, value, note=t("picker.missing")))
    if state.host is not None:
        rows += _suggestions({row["value"] for row in rows})
    return rows


def _option(model: InstalledModel) -> Json:
    facts = [t("picker.parameters", amount=model.parameters)] if model.parameters else []
    if model.size and not model.remote:
        facts.append(formats.size(model.size))
    return model_picker.option(model.name, model.name, facts=facts, marks=[t("picker.remote")] if model.remote else [])


def _suggestions(shown: set[str]) -> list[Json]:
    best, *others = app.current().setup_checklist.suggested_models(me())
    return [
        model_picker.option(
            name,
            name,
            facts=[t("picker.download_size", size=formats.size(size))],
            marks=[t("picker.suits")] if (name, size) == best else [],
            pull=t("picker.pull"),
            folded=(name, size) != best,
        )
        for name, size in (best, *others)
        if name not in shown
    ]
