"""The tray of uploads at the foot of every page, and the drops that it takes anywhere in the window.

shell ─▶ tray.draw() ─▶ component ─┬─ attaches to ──▶ the uploads of the window (queue.js), whatever page began them
                                   ├─ files dropped on any page ──▶ tus, /api/v1/uploads
                                   └─ trigger `finished` ─▶ the page reruns with the new episodes

pick     dropped or picked files, folders walked        send     one file in transfer, by tus or by PUT
queue    all files of an endpoint, and their states     words    sizes, speeds, times, the one line for all
drop     files dragged over the window                  tray     the visible part
"""

from __future__ import annotations

from pages.shared.component_source import component
from pages.shared.uploader.uploader import settings

_SCRIPTS = ("shared/page.js", "words.js", "pick.js", "send.js", "queue.js", "drop.js", "tray.js")

_component = component("castmind_upload_tray", __file__, scripts=_SCRIPTS, styles=("tray.css",))


def draw(page: str) -> None:
    """Draw the tray; `page` is the URL path of the current page. The page reruns when a file has become an episode."""
    # In a list: Streamlit would search a dictionary for data frames, and that loads pandas for good.
    _component(key="upload-tray", data=[settings() | {"page": page}], on_finished_change=lambda: None)
