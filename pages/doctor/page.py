"""Doctor: examine this installation, what was found with what to do, safe fixes, the file for support.

start ─▶ a bar ─▶ findings: what is wrong first ─▶ fix: what it will do ─▶ done, examined anew
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core import app
from core.ops.doctor import told
from core.ops.doctor.examinations import GROUP_OF, GROUPS
from pages.shared import actions, background_tasks, formats
from pages.shared.escape_markdown import plain
from pages.text import language, t
from pages.visitor import me

if TYPE_CHECKING:
    from core.ops.doctor.finding import Finding
    from core.ops.doctor.fixes import Deed

ICONS = {
    "pass": ":green[:material/check_circle:]",
    "warn": ":orange[:material/warning:]",
    "fail": ":red[:material/error:]",
}
MOST_DEEDS = 5


def start() -> None:
    background_tasks.watch(app.current().doctor.start(me()))


def mend(fix: str) -> None:
    """Apply a fix, say what was done, and examine again."""
    deeds = app.current().doctor.fix(me(), fix)
    actions.say("\n\n".join(said_deed(deed, "done") for deed in deeds[:MOST_DEEDS]) or t("doctor.fix.nothing"))
    start()


def said_deed(deed: Deed, way: str) -> str:
    return t(f"doctor.fix.{deed.code}.{way}", what=plain(deed.what, 200))


def problem(finding: Finding, place: int) -> None:
    """Draw a warning or a fault with its remedy, and its fix with what that will do."""
    with st.container(border=True, gap="xsmall", key=f"doctor-finding-{place}"):
        st.markdown(f"{ICONS[finding.status]} {plain(told.said(finding, language()), 800)}")
        if remedy := told.remedy(finding, language()):
            st.caption(plain(remedy, 800))
        if not finding.fix:
            return
        deeds = app.current().doctor.would(me(), finding.fix)
        for deed in deeds[:MOST_DEEDS]:
            st.caption(said_deed(deed, "would"))
        if len(deeds) > MOST_DEEDS:
            st.caption(t("doctor.fix.more", n=len(deeds) - MOST_DEEDS))
        if deeds:
            actions.button(
                t("doctor.fix"), partial(mend, finding.fix), key=f"doctor.fix.{place}", icon=":material/build:", disabled=busy()
            )


def passed(findings: Sequence[Finding]) -> None:
    """Draw what is well, folded."""
    with st.expander(t("doctor.passed", n=len(findings)), key="doctor-passed"):
        for group in GROUPS:
            rows = [each for each in findings if GROUP_OF.get(each.examination) == group]
            if rows:
                st.markdown(f"**{t(f'doctor.group.{group}')}**")
                st.markdown("\n".join(f"- {plain(told.said(each, language()), 400)}" for each in rows))


def busy() -> bool:
    return app.current().doctor.running(me()) is not None


def findings() -> None:
    found = app.current().doctor.result(me())
    if found is None:
        st.info(t("doctor.none"), icon=":material/fact_check:")
        return
    st.header(plain(told.summary(found.findings, language())))
    st.caption(t("doctor.at", time=formats.time_of(found.at)))
    wrong = sorted((each for each in found.findings if each.status != "pass"), key=lambda each: each.status != "fail")
    for place, each in enumerate(wrong):
        problem(each, place)
    passed([each for each in found.findings if each.status == "pass"])


def draw() -> None:
    st.title(t("doctor.title"))
    st.caption(t("doctor.body"))
    with st.container(horizontal=True, vertical_alignment="center"):
        actions.button(t("doctor.run"), start, key="doctor.run", type="primary", icon=":material/fact_check:", disabled=busy())
        st.link_button(t("doctor.bundle"), "/api/v1/doctor/bundle", icon=":material/download:", help=t("doctor.bundle.help"))
        st.page_link("status/page.py", label=t("doctor.back"), icon=":material/build:")
    with st.container(key="doctor-under-way"):
        background_tasks.draw("doctor")
    findings()


draw()
