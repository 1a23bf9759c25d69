"""Source text of components: JavaScript, styles and markup that lie beside the module that registers the component.

source(__file__, "text.js", "shared/page.js", "player.js") ─▶ one text, in the order of the names
"""

from __future__ import annotations

from pathlib import Path

# The scripts of a component that plays or shows the sound; `shared/page.js` comes before them.
SOUND = ("shared/one_sound.js", "shared/media_keys.js", "shared/sleep_timer.js", "shared/sound.js")
# The controls of a bar of sound, after SOUND. The styles need `shared/menu.css`.
SOUND_CONTROLS = ("shared/menu.js", "shared/foot.js", "shared/sound_controls.js")
PAGES = Path(__file__).resolve().parent.parent


def source(module: str, *names: str) -> str:
    """Join files into one text. `module` is the caller's `__file__`; a name with a folder is relative to `pages/`.

    Streamlit takes one JavaScript module a component: the file with the default export comes last.
    Raises FileNotFoundError.
    """
    beside = Path(module).parent
    return "\n".join((PAGES / name if "/" in name else beside / name).read_text(encoding="utf-8") for name in names)
