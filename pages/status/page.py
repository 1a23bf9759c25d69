"""Status: health, past work with its cost in time and disk space, and the devices in use with the reason for each.

health ─▶ checks      statistics ─▶ charts of hours, speed, queue, disk, feeds      setup ─▶ device, worker, Ollama
errors ─▶ details, folded
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from core import app
from pages.shared import actions, auto_refresh, background_tasks, first_steps, formats
from pages.shared.escape_markdown import plain
from pages.status import charts, charts_data, dependency_map, details, incidents, trends_data
from pages.text import has, message_text, t
from pages.visitor import is_admin, me

if TYPE_CHECKING:
    from core.domain.jobs.gpu_line import QueueState
    from core.domain.jobs.worker_status import WorkerStatus
    from core.domain.notes.ollama_state import OllamaState

# Figures change slowly; before the first count of the files, a reader waits for it.
SELDOM = 15.0
PAGES = ("library", "queue", "feeds", "episode")
_OPEN = "status.to_open"
# Checks whose remedy takes more than a line, shown on top whenever the page is opened.
PROMINENT = {"data_folder", "integrity", "library"}
EFFECTS = ("stops", "waits", "less")
ICONS = {
    "pass": ":green[:material/check_circle:]",
    "warn": ":orange[:material/warning:]",
    "fail": ":red[:material/error:]",
}


def facts(rows: Iterable[tuple[str, str]]) -> None:
    """Draw names with their values, as an aligned list; the values are Markdown."""
    with st.container(gap="xsmall"):
        for name, value in rows:
            label, said = st.columns([1, 3], gap="xxsmall")
            label.markdown(f":gray[{name}]")
            said.markdown(value)


def checks() -> None:
    report = app.current().health()
    st.header(t(f"status.health.{report['status']}"))
    st.caption(t("status.up", time=formats.span(float(report["uptime"])), version=report["version"]))
    if report["status"] != "healthy":
        st.markdown(works(report["works"]))
    for name in PROMINENT & report["checks"].keys():
        if report["checks"][name]["status"] != "pass":
            st.warning(said(name, report["checks"][name]), icon=":material/warning:")
    if report["checks"].get("integrity", {}).get("status", "pass") != "pass":
        _to_backups()
    _shrunk(report["checks"].get("library", {}))
    with st.container(gap="xsmall"):
        for name, check in report["checks"].items():
            key = f"status.check.{name}"
            label = t(key) if has(key) else plain(name)
            told = t("status.see_above") if name in PROMINENT and check["status"] != "pass" else said(name, check)
            status = check["status"]
            st.markdown(f"{ICONS[status]} {t(f'status.{status}')} · {formats.pair(f'**{label}**', told)}")


def _shrunk(check: Mapping[str, Any]) -> None:
    """Offer the answers to a shrunk library: accept it, or see its backups. Automatic deletion pauses until a person decides."""
    if check.get("status", "pass") == "pass" or not is_admin():
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        actions.button(
            t("status.shrunk.right"),
            lambda: app.current().backups.accept_shrunk(me()),
            key="status.shrunk",
            icon=":material/check:",
        )
        _to_backups()


def _to_backups() -> None:
    if not is_admin():
        return
    st.page_link("settings/page.py", label=t("status.shrunk.restore"), icon=":material/settings_backup_restore:")


def works(told: Mapping[str, Any]) -> str:
    """Say what still works, and what stops, waits or is less."""
    if told["code"] != "some":
        return t(f"health.works.{told['code']}")
    groups = {effect: [name for name, found in told["effects"].items() if found == effect] for effect in EFFECTS}
    left = [name for name in told["works"] if name not in told["effects"]]
    said = [t("health.works.well", names=_abilities(left)) if left else ""]
    said += [t(f"health.works.{effect}", names=_abilities(names)) for effect, names in groups.items() if names]
    return " ".join(filter(None, said))


def _abilities(names: Iterable[str]) -> str:
    return formats.listed(t(f"ability.{name}") for name in names)


def said(name: str, check: Mapping[str, Any]) -> str:
    """Return a check's result in the reader's language; one without a text here stays in its own English."""
    keys = (f"health.{name}.{check['code']}", f"health.{check['code']}")
    key = next((key for key in keys if has(key)), None)
    if key is None:
        return plain(str(check["output"]), 600)
    return t(key, **{place: plain(message_text(value), 400) for place, value in check["params"].items()})


def speech() -> None:
    st.header(t("status.speech"))
    setup = app.current().setup_checklist
    probe, worker = setup.speech(me()), setup.worker(me())
    if probe is None:
        st.info(t("setup.device.probing"), icon=":material/progress_activity:")
    elif not probe.tried:
        st.warning(plain(message_text(probe.reason), 1000), icon=":material/warning:")
    else:
        facts(
            [
                (t("status.device"), f"{plain(probe.device_name or probe.device)} · {plain(probe.compute_type)}"),
                (
                    t("status.model"),
                    f"{plain(probe.model)} · {t('status.here') if probe.model_present else t('status.not_here')}",
                ),
                (t("status.why"), plain(message_text(probe.reason), 600)),
                (t("status.memory"), formats.size(probe.memory) + _card(probe.vram_total, probe.vram_free)),
            ]
        )
        if probe.cuda_error and probe.device != "cuda":
            st.warning(t("status.fallback", error=plain(message_text(probe.cuda_error), 600)), icon=":material/warning:")
    facts([(t("status.worker"), _worker(worker)), *_lease(app.current().queue.gpu_state(me()))])


def _card(total: int, free: int) -> str:
    return f" · {t('status.vram', free=formats.size(free), total=formats.size(total))}" if total else ""


def _lease(state: QueueState) -> list[tuple[str, str]]:
    """Say who uses the card or the processor and who waits for it; empty while it is free."""
    if state.holder is None:
        return []
    words = [t("status.lease.holds", name=plain(message_text(state.holder.name)), time=formats.span(state.holder.seconds))]
    if state.waiting:
        words.append(t("status.lease.waits", names=formats.listed(plain(message_text(entry.name)) for entry in state.waiting)))
    return [(t("status.lease"), " · ".join(words))]


def _worker(worker: WorkerStatus) -> str:
    if not worker.running:
        return t("status.worker.off")
    words = [t("status.worker.busy") if worker.busy else t("status.worker.idle")]
    if worker.model:
        words.append(plain(f"{worker.model} ({worker.device}, {worker.compute_type})"))
    if worker.rss:
        words.append(formats.size(worker.rss))
    if worker.since:
        words.append(formats.span(max(time.time() - worker.since, 0)))
    if worker.reason:
        words.append(plain(message_text(worker.reason), 400))
    return " · ".join(words)


def notes() -> None:
    st.header(t("status.notes"))
    setup = app.current().setup_checklist
    if app.current().settings.values.notes_engine == "extractive":
        st.caption(t("status.notes_off"))
        return
    state = setup.ollama(me())
    if state.host:
        facts(
            [
                ("Ollama", f"{plain(state.host)} · {plain(state.version)}"),
                (t("status.chosen"), _chosen(state)),
                (t("status.models"), formats.listed(plain(model.name) for model in state.models) or t("status.none")),
            ]
        )
    else:
        st.warning(t("status.no_ollama"), icon=":material/warning:")
        facts([(plain(host), plain(message_text(why), 300)) for host, why in state.tried])
    first_steps.pull_controls(offer=bool(state.host) and not state.chosen)
    actions.button(
        t("status.look_again"), lambda: setup.ollama(me(), refresh=True), key="status.look_again", icon=":material/refresh:"
    )


def _chosen(state: OllamaState) -> str:
    why = plain(message_text(state.why), 600) if state.why else ""
    if state.chosen is None:
        return why or t("status.none")
    return f"{plain(state.chosen)} ({why})" if why else plain(state.chosen)


def _interval() -> float | None:
    return first_steps.pull_interval()


# --- charts -------------------------------------------------------------------------------------------


def drawn_figures() -> None:
    _go_on()
    statistics = app.current().statistics
    drawn = charts_data.all_charts(statistics.figures(me(), formats.zone()), statistics.disk(me()))
    charts.mount([*drawn, *trends_data.trend_charts(app.current().trends.view(me()))], _asked)


def _figures_interval() -> float:
    return SELDOM if app.current().statistics.disk(me()) else auto_refresh.MOVING


def _asked() -> None:
    """Remember the requested page: a callback cannot switch to it."""
    st.session_state[_OPEN] = charts.wish()


def _go_on() -> None:
    asked = st.session_state.pop(_OPEN, None)
    if asked is None:
        return
    page, query = asked
    if (page or "library") in PAGES:
        st.switch_page(f"{page or 'library'}/page.py", query_params=query)


def draw() -> None:
    st.title(t("nav.status"))
    st.page_link("schedules/page.py", label=t("status.schedules"), icon=":material/schedule:")
    if is_admin():
        st.page_link("doctor/page.py", label=t("status.doctor"), icon=":material/fact_check:")
    with st.container(key="status-under-way"):
        background_tasks.draw(*background_tasks.KINDS)
    auto_refresh.follow(checks, _interval)
    auto_refresh.follow(incidents.draw, lambda: SELDOM)
    auto_refresh.follow(dependency_map.draw, lambda: SELDOM)
    auto_refresh.follow(drawn_figures, _figures_interval)
    auto_refresh.follow(speech, _interval)
    auto_refresh.follow(notes, _interval)
    with st.container(key="status-technical"):
        details.draw()


draw()
