"""Write an episode as PDF: A4, searchable, with an outline, and only the used part of each font.

Document ─► paragraphs, each character in a font that has it ─reportlab─► pages with a footer ─► bytes
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable
from html import escape
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, HRFlowable, PageTemplate, Paragraph
from reportlab.platypus import paragraph as breaking

from core.domain.shortening import shortened
from core.domain.transcripts.transcript import is_cjk
from core.export.layout.blocks import Block, BlockKind, TextRun
from core.export.layout.cues import stamp
from core.export.layout.document import Document
from core.export.layout.fonts import MISSING, Typesetter
from core.export.layout.lines import CLOSING

INK, MUTED, ACCENT, LINK, LINE = "#1c1c1e", "#5f6368", "#1f4e79", "#0b57d0", "#c4c7cc"
MARKS = {"yellow": "#fff0a3", "green": "#c9f2cf", "blue": "#cfe4ff", "pink": "#ffd6e5"}
EDGES = {"yellow": "#e0b400", "green": "#2e9e4f", "blue": "#3b82e0", "pink": "#e0558a", None: LINE}
MARGIN = 19 * mm
STEP = 3.6 * mm
SIZES = {BlockKind.TITLE: 20.0, BlockKind.FACTS: 9.0, BlockKind.CODE: 9.0}
HEADINGS = {2: 14.0, 3: 11.5}
BODY = 10.2

# reportlab's own list of characters that may not begin a line lacks the full-width colon and others.
breaking.ALL_CANNOT_START += CLOSING

# reportlab keeps fonts, and which of their characters are used, in tables of its own for all threads.
_one_at_a_time = threading.Lock()


def pdf(document: Document, typesetter: Typesetter | None = None) -> bytes:
    """Return the whole file. Raises FontMissing when too much of the text has no font here."""
    with _one_at_a_time:
        setter = typesetter or Typesetter()
        story = [flowable for block in document.blocks for flowable in _flowables(block, setter)]
        footer = shortened(document.title, 60)
        label = "".join(_markup_text(footer, setter))
        setter.check()
        if setter.lacking:
            lost = len(setter.lacking)
            note = f"{MISSING}: {lost} character{'s' if lost > 1 else ''} of the text without a font here."
            story.append(Paragraph("".join(_markup_text(note, setter)), _style(Block(BlockKind.FACTS), setter, note)))
        out = io.BytesIO()
        _Pages(out, document, label, setter.base).build(story)
        return out.getvalue()


class _Pages(BaseDocTemplate):  # type: ignore[misc]
    """A4 with a footer; headings become entries of the outline."""

    def __init__(self, out: io.BytesIO, document: Document, label: str, font: str) -> None:
        super().__init__(
            out,
            pagesize=A4,
            leftMargin=MARGIN,
            rightMargin=MARGIN,
            topMargin=MARGIN,
            bottomMargin=MARGIN + 4 * mm,
            title=document.title,
            author=document.author or "CastMind",
            subject="",
            creator="CastMind",
            lang=document.language,
            initialFontName=font,
        )
        self._footer = ParagraphStyle("footer", fontName=font, fontSize=8, leading=10, textColor=HexColor(MUTED))
        self._label = label
        frame = Frame(self.leftMargin, self.bottomMargin, self.width, self.height, 0, 0, 0, 0)
        self.addPageTemplates(PageTemplate(frames=[frame], onPage=self._draw_footer))

    def _draw_footer(self, canvas: Canvas, _: Any) -> None:
        line = Paragraph(self._label, self._footer)
        line.wrapOn(canvas, self.width - 25 * mm, 10)
        line.drawOn(canvas, self.leftMargin, 12 * mm)
        canvas.setFont(self._footer.fontName, 8)
        canvas.setFillColor(HexColor(MUTED))
        canvas.drawRightString(A4[0] - self.rightMargin, 12 * mm, str(canvas.getPageNumber()))

    def afterFlowable(self, flowable: Flowable) -> None:
        entry = getattr(flowable, "outline", None)
        if entry:
            level, title = entry
            key = f"h{self.seq.nextf('outline')}"
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(title, key, level, closed=level > 0)


class _Edged(Paragraph):  # type: ignore[misc]
    """A quotation: a line down its left side."""

    def __init__(self, text: Any, style: Any, colour: Any = None, **more: Any) -> None:
        super().__init__(text, style, **more)
        self._colour = colour

    def split(self, width: float, height: float) -> list[Any]:
        parts = super().split(width, height)
        for part in parts:
            part._colour = self._colour
        return list(parts)

    def draw(self) -> None:
        super().draw()
        x = self.style.leftIndent - 2.2 * mm
        self.canv.setStrokeColor(self._colour)
        self.canv.setLineWidth(1.6)
        self.canv.line(x, -3 if self.style.backColor else 0, x, self.height + (2 if self.style.backColor else -2))


def _flowables(block: Block, setter: Typesetter) -> Iterable[Flowable]:
    if block.kind is BlockKind.RULE:
        return [HRFlowable(width="100%", thickness=0.6, color=HexColor(LINE), spaceBefore=6, spaceAfter=8)]
    lines = "".join(_markup(run, setter) for run in _all_runs(block))
    paragraph = Paragraph(lines, _style(block, setter, block.text))
    if block.kind is BlockKind.QUOTE:
        paragraph = _Edged(lines, _style(block, setter, block.text), HexColor(EDGES[block.colour]))
    if block.kind is BlockKind.HEADING:
        paragraph.outline = (min(block.level, 3) - 2, block.text)
    return [paragraph]


def _all_runs(block: Block) -> list[TextRun]:
    """Return the block's runs with its sign and its time before them."""
    runs = list(block.runs)
    if block.start is not None:
        runs = [TextRun(stamp(block.start), muted=block.place is None, link=block.place), TextRun("  "), *runs]
    if block.sign:
        runs = [TextRun(f"{block.sign} ", muted=True), *runs]
    return runs


def _style(block: Block, setter: Typesetter, text: str) -> ParagraphStyle:
    size = HEADINGS[block.level] if block.kind is BlockKind.HEADING else SIZES.get(block.kind, BODY)
    quoted = block.kind is BlockKind.QUOTE
    heading = block.kind in (BlockKind.TITLE, BlockKind.HEADING)
    hanging = STEP if block.kind is BlockKind.ITEM and block.sign else 0
    return ParagraphStyle(
        block.kind.value,
        fontName=setter.base,
        fontSize=size,
        leading=size * (1.3 if heading else 1.55),
        textColor=HexColor(
            ACCENT if heading else MUTED if block.kind is BlockKind.FACTS or (quoted and not block.colour) else INK
        ),
        leftIndent=_indent(block) + hanging,
        firstLineIndent=-hanging,
        spaceBefore={BlockKind.TITLE: 0, BlockKind.HEADING: 12 if block.level == 2 else 8}.get(block.kind, 0),
        spaceAfter={BlockKind.TITLE: 4, BlockKind.HEADING: 5, BlockKind.FACTS: 3, BlockKind.ITEM: 2}.get(block.kind, 7),
        keepWithNext=block.kind is BlockKind.HEADING,
        wordWrap="CJK" if any(is_cjk(c) for c in text) else None,
        backColor=HexColor(MARKS[block.colour]) if block.colour in MARKS else None,
        borderPadding=(2, 4, 3, 4 * 1.2) if block.colour in MARKS else 0,
        splitLongWords=1,
        allowWidows=0,
        allowOrphans=0,
    )


def _indent(block: Block) -> float:
    match block.kind:
        case BlockKind.ITEM:
            return float(STEP * (block.level - 1))
        case BlockKind.QUOTE:
            return float(STEP * block.level + 2.2 * mm)
        case BlockKind.TEXT:
            return float(STEP * block.level)
    return 0.0


def _markup(run: TextRun, setter: Typesetter) -> str:
    """Return the run in reportlab's own markup. Weight shows as colour: the fonts that have every script have one weight."""
    # Code keeps its spaces; the markup would make one of many.
    text = "".join(_markup_text(run.text.replace("  ", "\u00a0\u00a0") if run.code else run.text, setter))
    if run.bold:
        text = f'<font color="{ACCENT}">{text}</font>'
    elif run.muted:
        text = f'<font color="{MUTED}">{text}</font>'
    if run.mark in MARKS:
        text = f'<font backColor="{MARKS[run.mark]}">{text}</font>'
    if run.link and run.link.startswith(("http://", "https://")):
        text = f'<a href="{escape(run.link)}" color="{LINK}">{text}</a>'
    return text


def _markup_text(text: str, setter: Typesetter) -> Iterable[str]:
    for number, line in enumerate(text.split("\n")):
        if number:
            yield "<br/>"
        for font, part in setter.set(line):
            safe = escape(part)
            yield safe if font == setter.base else f'<font name="{font}">{safe}</font>'
