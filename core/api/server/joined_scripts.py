"""Join the sixty scripts that every page of Streamlit loads into one, so that a browser asks once.

    index.html ─▶ ./static/joined-<hash>/js/index.….js     one module: a function for each script, in the order of their imports
                       other scripts of that folder        as they are, but import from that one module
    any joined script by its own name                      a line that exports its part of the module

A browser loads a script once for each address, so that every script is taken from the folder of that hash, and each part exists
once. The scripts of Streamlit's build have one form: imports first, exports in one statement at the end. Where that is not so, or
where Streamlit is not the version that was tried (`TRIED`), its own files are sent as they are.
"""

from __future__ import annotations

import hashlib
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

# Another version: put its number here once tests/browser passes with it; test_weight.py compares what the joined scripts export.
TRIED = "1.67.0"
# A script whose exports are assigned by functions that importers call first. They are called at once here: imports are read once.
ASSIGNED_LATER = ("space-separated-tokens.",)

# Scripts that every page needs once its first elements come: loaded at the start, not in turn.
SOON = ("BidiComponent.",)

_IMPORT = re.compile(r'import(?:\{([^{}"]*)\}from)?"\./([^"/]+)";?')
_HEAD = re.compile(r'(?:const __vite__mapDeps=[^\n]*\n)?(?:import(?:\{[^{}"]*\}from)?"\./[^"/]+";?)*')
_EXPORT = re.compile(r"export\{([^{}]*)\};?\s*\Z")
_ENTRY = re.compile(r'<script type="module" crossorigin src="\./static/js/([^"/]+)"></script>')
_PRELOAD = re.compile(r'\s*<link rel="modulepreload" crossorigin href="\./static/js/([^"/]+)">')


class OtherForm(Exception):
    """A script has another form than those of the version that was tried."""


@dataclass(frozen=True, slots=True)
class Script:
    """One script of a build. `imports`: each other script, and its names as (there, here). `exports`: names as (here, public)."""

    name: str
    body: str
    imports: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    exports: tuple[tuple[str, str], ...]


def parsed(name: str, text: str) -> Script:
    """Raises OtherForm."""
    end, head = _EXPORT.search(text), _HEAD.match(text)
    found = list(_IMPORT.finditer(text))
    if not end or not head or (found and found[-1].end() > head.end()):
        raise OtherForm(name)
    body = _IMPORT.sub("", text[: head.end()]) + text[head.end() : end.start()]
    imports = tuple((match[2], tuple(_pairs(match[1] or ""))) for match in found)
    return Script(name, body, imports, tuple(_pairs(end[1])))


def _pairs(names: str) -> Iterator[tuple[str, str]]:
    for name in filter(None, names.split(",")):
        first, _, second = name.strip().partition(" as ")
        yield first, second or first


def in_order(entry: str, read: Callable[[str], str]) -> list[Script]:
    """Return the script `entry` and all that it imports, in the order in which they run. Raises OtherForm, also for a circle."""
    done: dict[str, Script] = {}

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise OtherForm(name)
        if name in done:
            return
        script = parsed(name, read(name))
        for other, _ in script.imports:
            visit(other, (*above, name))
        done[name] = script

    visit(entry, ())
    return list(done.values())


class Joined:
    """The scripts of one build, joined. `entry` is the name of the first one, whose place the joined module takes; `soon` names
    scripts of others that a page loads at once.
    """

    def __init__(self, entry: str, read: Callable[[str], str], soon: Iterable[str] = ()) -> None:
        self.entry = entry
        scripts = in_order(entry, read)
        self._number = {script.name: number for number, script in enumerate(scripts)}
        self._soon: list[str] = []
        for name in soon:
            self._load_soon(name, read)
        self.text = self._joined(scripts)
        self._parts = {script.name: self._part(script) for script in scripts if script.name != entry}
        code = inspect.getsource(sys.modules[__name__])
        self.hash = hashlib.sha256("\n".join([*self._number, code]).encode()).hexdigest()[:12]
        self.folder = f"/static/joined-{self.hash}/"

    def _load_soon(self, name: str, read: Callable[[str], str]) -> None:
        """Note a script, and those that it imports."""
        if name in self._number or name in self._soon:
            return
        self._soon.append(name)
        for found in _IMPORT.finditer(read(name)):
            self._load_soon(found[2], read)

    def page(self, html: str) -> str:
        """Let a page load the joined module."""

        def entry(found: re.Match[str]) -> str:
            return found[0].replace("./static/", f".{self.folder}") if found[1] == self.entry else found[0]

        kept = _PRELOAD.sub(lambda found: "" if found[1] in self._number else found[0], html)
        preloads = "".join(f'<link rel="modulepreload" crossorigin href=".{self.folder}js/{name}">\n' for name in self._soon)
        return _ENTRY.sub(entry, kept).replace("</head>", f"{preloads}</head>", 1)

    def script(self, name: str, text: str) -> str:
        """Return what stands in the folder for Streamlit's script `name` with this `text`."""
        if name == self.entry:
            return self.text
        return self._parts.get(name) or _IMPORT.sub(self._from_joined, text)

    def _from_joined(self, found: re.Match[str]) -> str:
        names, other = found[1], found[2]
        if other not in self._number:
            return found[0]
        if names is None:
            return f'import"./{self.entry}";'
        public = ",".join(f"{self._public(other, there)} as {here}" for there, here in _pairs(names))
        return f'import{{{public}}}from"./{self.entry}";'

    def _public(self, script: str, name: str) -> str:
        """Return the name by which the joined module exports a name of a script."""
        return name if script == self.entry else f"part{self._number[script]}${name}"

    def _part(self, script: Script) -> str:
        names = ",".join(f"{self._public(script.name, there)} as {there}" for _, there in script.exports)
        return f'export{{{names}}}from"./{self.entry}";'

    def _joined(self, scripts: list[Script]) -> str:
        parts = "".join(self._function(script) for script in scripts)
        parts = re.sub(r'"\./([^"/]+\.js)"', lambda found: f'"./{self.entry}"' if found[1] in self._number else found[0], parts)
        numbers = ",".join(f"part{number}" for number in range(len(scripts)))
        return f"{parts}{''.join(map(self._exports, scripts))}export const parts=[{numbers}];\n"

    def _function(self, script: Script) -> str:
        """Return a script as a function that is run at once, and gives its exports by their current values."""
        head = "".join(
            f"const{{{','.join(f'{there}:{here}' for there, here in names)}}}=part{self._number[other]};"
            for other, names in script.imports
            if names
        )
        given = ",".join(f"get {there}(){{return {here}}}" for here, there in script.exports)
        ready = "".join(f"{name}();" for name in _later(script))
        return f"const part{self._number[script.name]}=(()=>{{{head}{script.body}\n;{ready}return{{{given}}}}})();\n"

    def _exports(self, script: Script) -> str:
        part = f"part{self._number[script.name]}"
        names = ",".join(f"{there}:{part}${there}" for _, there in script.exports)
        public = ",".join(f"{part}${there} as {self._public(script.name, there)}" for _, there in script.exports)
        return f"const{{{names}}}={part};export{{{public}}};\n" if names else ""


def _later(script: Script) -> Iterator[str]:
    """Yield the functions that assign a script's exports."""
    if script.name.startswith(ASSIGNED_LATER):
        for here, _ in script.exports:
            if re.search(rf"(?<![\w$.]){re.escape(here)}=\w+\(\(\(\)=>\{{", script.body):
                yield here


def of_streamlit(static: Path, version: str) -> Joined | None:
    """Join the scripts of an installed Streamlit, whose folder of files is `static`; None if they have another form."""
    if version != TRIED:
        return None
    try:
        found = _ENTRY.search((static / "index.html").read_text(encoding="utf-8"))
        scripts = static / "static" / "js"
        soon = [file.name for name in SOON for file in scripts.glob(f"{name}*.js")]
        return Joined(found[1], lambda name: (scripts / name).read_text(encoding="utf-8"), soon) if found else None
    except (OtherForm, OSError):
        return None
