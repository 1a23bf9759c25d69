"""Write an episode as one self-contained HTML file: no script, no font, no picture; light, dark and printed.

Document ─► blocks, each escaped ─► <main> in a page with its own style
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby

from core.export.layout.blocks import Block, BlockKind, TextRun
from core.export.layout.cues import stamp
from core.export.layout.document import Document

# The page may show its own style and nothing else, wherever it is opened.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
STYLE = """
:root { color-scheme: light dark; --ink: #1c1c1e; --muted: #5f6368; --line: #d9dce1; --paper: #fff; --link: #0b57d0;
  --yellow: #fff0a3; --green: #c9f2cf; --blue: #cfe4ff; --pink: #ffd6e5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e6e8; --muted: #a5a9b0; --line: #3b3e44; --paper: #16171a;
  --link: #a8c7fa;   --yellow: #5c5010; --green: #1f5230; --blue: #1d4470; --pink: #6b2340; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); line-height: 1.65; overflow-wrap: anywhere;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC",
    "WenQuanYi Micro Hei", sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.25; margin: 0 0 .4rem; text-wrap: balance; }
h2 { font-size: 1.3rem; margin: 2.4rem 0 .6rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.08rem; margin: 1.6rem 0 .4rem; }
p { margin: 0 0 .8rem; }
.facts { color: var(--muted); margin: 0 0 .3rem; }
.facts + :not(.facts) { margin-top: 1.2rem; }
.muted { color: var(--muted); }
a { color: var(--link); text-underline-offset: .15em; }
.time { font-variant-numeric: tabular-nums; font-size: .85em; color: var(--muted); text-decoration: none; white-space: nowrap;
  margin-right: .5em; }
a.time { color: var(--link); }
a.time:hover { text-decoration: underline; }
ul { list-style: none; margin: 0; padding: 0; }
li { margin: 0 0 .35rem calc((var(--depth) - 1) * 1.5rem); padding-left: 1.4rem; position: relative; }
li > .sign { position: absolute; left: 0; color: var(--muted); }
li.plain { padding-left: 0; }
blockquote { margin: .2rem 0 .9rem calc(var(--depth, 0) * 1.4rem); padding: .1rem 0 .1rem .9rem;
  border-left: 3px solid var(--line); color: var(--muted); }
blockquote.yellow, blockquote.green, blockquote.blue, blockquote.pink { color: inherit; padding: .35rem .9rem;
  border-left-width: 5px; }
.yellow { border-color: #e0b400; background: var(--yellow); } .green { border-color: #2e9e4f; background: var(--green); }
.blue { border-color: #3b82e0; background: var(--blue); } .pink { border-color: #e0558a; background: var(--pink); }
.under { margin-left: 1.4rem; }
mark { color: inherit; border-radius: .15em; }
pre, code { font-family: ui-monospace, "Cascadia Mono", Menlo, monospace; font-size: .9em; }
pre { border: 1px solid var(--line); border-radius: .4rem; padding: .7rem .9rem; white-space: pre-wrap; }
hr { border: 0; border-top: 1px solid var(--line); margin: 1.5rem 0; }
@media print { :root { color-scheme: light; --ink: #000; --muted: #555; --line: #bbb; --paper: #fff; --link: #000;
    --yellow: #fff0a3; --green: #c9f2cf; --blue: #cfe4ff; --pink: #ffd6e5; }
  @page { margin: 18mm 17mm; } main { max-width: none; padding: 0; } body { font-size: 10.5pt; }
  h2, h3 { break-after: avoid; } li, blockquote { break-inside: avoid; } p { orphans: 3; widows: 3; }
  mark, blockquote { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
"""


def webpage(document: Document) -> str:
    """Return the whole page. Its times are links where the document knows an address."""
    body = "\n".join(_groups(document.blocks))
    language = escape(document.language if document.language != "zh" else "zh-CN")
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="generator" content="CastMind">\n'
        f"<title>{escape(document.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _groups(blocks: Sequence[Block]) -> Iterator[str]:
    """Group items that follow each other into one list, with the quotes that belong to them."""
    for listed, group in groupby(blocks, key=lambda b: b.kind is BlockKind.ITEM or (b.kind is BlockKind.QUOTE and b.level > 0)):
        if listed:
            yield "<ul>\n" + "\n".join(_items(list(group))) + "\n</ul>"
        else:
            yield from map(_block, group)


def _items(blocks: Sequence[Block]) -> Iterator[str]:
    opened = False
    for block in blocks:
        if block.kind is BlockKind.ITEM:
            if opened:
                yield "</li>"
            sign = f'<span class="sign">{escape(block.sign)}</span>' if block.sign else ""
            plain = "" if block.sign else ' class="plain"'
            yield f'<li{plain} style="--depth: {max(block.level, 1)}">{sign}{_time(block)}{_inline(block.runs)}'
            opened = True
        elif opened:
            yield f'<blockquote style="--depth: 0">{_time(block)}{_inline(block.runs)}</blockquote>'
        else:
            yield f'<li class="plain" style="--depth: 1"><blockquote>{_time(block)}{_inline(block.runs)}</blockquote>'
            opened = True
    if opened:
        yield "</li>"


def _block(block: Block) -> str:
    inner = _time(block) + _inline(block.runs)
    match block.kind:
        case BlockKind.TITLE:
            return f"<h1>{inner}</h1>"
        case BlockKind.HEADING:
            return f"<h{block.level}>{inner}</h{block.level}>"
        case BlockKind.QUOTE:
            return f'<blockquote class="{block.colour or "plain"}">{inner}</blockquote>'
        case BlockKind.CODE:
            return f"<pre>{_inline(block.runs)}</pre>"
        case BlockKind.RULE:
            return "<hr>"
        case BlockKind.FACTS:
            return f'<p class="facts">{inner}</p>'
    under = ' class="under"' if block.level else ""
    return f"<p{under}>{inner}</p>"


def _time(block: Block) -> str:
    if block.start is None:
        return ""
    shown = stamp(block.start)
    return f'<a class="time" href="{escape(block.place)}">{shown}</a>' if block.place else f'<span class="time">{shown}</span>'


def _inline(runs: Iterable[TextRun]) -> str:
    return "".join(map(_run, runs))


def _run(run: TextRun) -> str:
    text = escape(run.text, quote=False).replace("\n", "<br>") if not run.code else escape(run.text, quote=False)
    for wanted, tag in ((run.code, "code"), (run.italic, "em"), (run.bold, "strong")):
        text = f"<{tag}>{text}</{tag}>" if wanted else text
    if run.mark:
        text = f'<mark class="{escape(run.mark)}">{text}</mark>'
    if run.link:
        return f'<a href="{escape(run.link)}" rel="noreferrer">{text}</a>'
    return f'<span class="muted">{text}</span>' if run.muted else text
