"""Source text of components: JavaScript, styles and markup beside the module that registers one; and what a component says.

    source(__file__, "text.js", "shared/page.js", "player.js") ─▶ one text, in the order of the names
    component(name, …) ─┬─▶ kept ─▶ bundle() ─▶ /app/parts/all-<hash>.js, in every page (frame/start_page.py)
                        └─▶ Streamlit gets a few lines that call the part of that name and contents

Streamlit sends a component's source with each session, and the browser hashes and compiles it anew each time. Of the bundle it
keeps also the compiled form. A window that was opened before an update asks for the parts that it lacks.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

# The scripts of a component that plays or shows the sound; `shared/page.js` comes before them.
SOUND = ("shared/one_sound.js", "shared/media_keys.js", "shared/sleep_timer.js", "shared/sound.js")
# The controls of a bar of sound, after SOUND. The styles need `shared/menu.css`.
SOUND_CONTROLS = ("shared/menu.js", "shared/foot.js", "shared/sound_controls.js")
PAGES = Path(__file__).resolve().parent.parent
PARTS = "/app/parts/"
_CALL = Path(__file__).with_name("bundle_call.js")
_PART = Path(__file__).with_name("bundle_part.js")
# What makes a script a module, and a function of it.
_EXPORTED, _RETURNED = "export default function", "return function"


@dataclass(frozen=True, slots=True)
class BundledPart:
    """A component's source text. `key`: its name and a hash of its contents."""

    key: str
    script: str


_parts: dict[str, BundledPart] = {}


def source(module: str, *names: str) -> str:
    """Join files into one text. `module` is the caller's `__file__`; a name with a folder is relative to `pages/`.

    Streamlit takes one JavaScript module a component: the file with the default export comes last.
    Raises FileNotFoundError.
    """
    beside = Path(module).parent
    return "\n".join((PAGES / name if "/" in name else beside / name).read_text(encoding="utf-8") for name in names)


def component(name: str, module: str, *, scripts: tuple[str, ...], styles: tuple[str, ...]) -> Any:
    """Register a component with Streamlit, and return what mounts it; its arguments are those of `component_source.source`.

    Raises FileNotFoundError.
    """
    script, css = source(module, *scripts), source(module, *styles)
    key = f"{name}-{hashlib.sha256(f'{script}{css}'.encode()).hexdigest()[:12]}"
    inner = script.replace(_EXPORTED, _RETURNED)
    _parts[name] = BundledPart(key, _filled(_PART, PART=json.dumps(key), STYLES=json.dumps(css), SOURCE=inner))
    return st.components.v2.component(name, js=_filled(_CALL, PART=json.dumps(key), PATH=json.dumps(f"{PARTS}{key}.js")))


def told(key: str, trigger: str) -> Any:
    """Return what a component says by a trigger, inside its callback; None if it has left the page.

    A trigger may come after the reader has turned to another page: Streamlit still calls the callback, but has forgotten the
    component.
    """
    state: Mapping[str, Any] = st.session_state.get(key) or {}
    return state.get(trigger)


def _filled(file: Path, **places: str) -> str:
    """Return the script without its comments, its places filled."""
    lines = (line for line in file.read_text(encoding="utf-8").splitlines(keepends=True) if not line.startswith("//"))
    return re.sub("|".join(places), lambda found: places[found[0]], "".join(lines))


def part_key(name: str) -> str:
    """Return the key of a part. Raises KeyError."""
    return _parts[name].key


def bundle(keys: Iterable[str] | None = None) -> str:
    """Return one script that holds the parts of these keys; of all parts by default. Raises KeyError."""
    by_key = {part.key: part for part in _parts.values()}
    return "".join(by_key[each].script for each in (by_key if keys is None else keys))
