"""Downloads, as links that the browser saves: the server makes the file on request.

one(episode)       a button a format, and the notes by themselves
many(ids)          a choice of formats ─▶ one zip of all of them; for more than LINKED it is made in the background
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.domain.episodes.episode import Episode
from core.domain.episodes.export_form import Form
from core.services.library.exports import MOST
from pages.shared import actions, background_tasks, dialogs
from pages.text import t

# Names of formats are the same in every language.
NAMES = {
    Form.MD: "Markdown",
    Form.HTML: "HTML",
    Form.PDF: "PDF",
    Form.DOCX: "Word",
    Form.TXT: "TXT",
    Form.SRT: "SRT",
    Form.VTT: "VTT",
    Form.JSON: "JSON",
}
ICON = ":material/download:"
# A link that names more episodes is longer than some servers accept.
LINKED = 200


def one(episode: Episode, *, notes: bool = True) -> None:
    """Draw the buttons for an episode that has a transcript; `notes`: it has notes too."""
    base = f"/api/v1/episodes/{episode.id}"
    with st.container(horizontal=True, key="downloads"):
        for form, name in NAMES.items():
            st.link_button(
                name, f"{base}/transcript?format={form.value}&download=true", icon=ICON, help=t(f"export.help.{form.value}")
            )
        if notes:
            st.link_button(t("episode.notes_file"), f"{base}/summary?format=md&download=true", icon=ICON)


def many(ids: Sequence[int], *, key: str = "export") -> None:
    """Draw the choice of formats, and the link to a zip with them for each of the episodes."""
    chosen = st.pills(
        t("export.formats"),
        list(NAMES),
        selection_mode="multi",
        default=[Form.MD],
        format_func=lambda form: NAMES[form],
        key=f"{key}.formats",
    )
    if len(ids) > MOST:
        st.caption(t("export.too_many", n=len(ids), most=MOST))
    if len(ids) > LINKED:
        _made_in_background(ids[:MOST], chosen, key)
        return
    st.link_button(
        t("export.zip", n=len(ids)),
        address(ids, chosen),
        icon=":material/folder_zip:",
        disabled=not ids or not chosen,
        type="primary",
    )


def _made_in_background(ids: Sequence[int], chosen: Sequence[Form], key: str) -> None:
    st.caption(t("export.make.body"))
    label, icon = t("export.make", n=f"{len(ids):,}"), ":material/folder_zip:"

    def export() -> None:
        background_tasks.export(ids, st.session_state.get(f"{key}.formats") or chosen)

    done = t("export.begun")
    actions.button(label, dialogs.closing(export), key=f"{key}.make", icon=icon, type="primary", disabled=not chosen, done=done)


def address(ids: Sequence[int], forms: Sequence[Form]) -> str:
    """Return the zip's URL."""
    return f"/api/v1/exports?ids={','.join(map(str, ids))}&formats={','.join(form.value for form in forms)}"
