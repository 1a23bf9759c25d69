"""Write an episode as DOCX, for Word and LibreOffice: python-docx writes the package, its styles are Word's own.

Document ─► paragraphs in the styles Title, Heading 2, List Bullet, Quote, … ─► bytes
"""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

from docx import Document as new_document
from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

from core.export.layout.blocks import Block, BlockKind, TextRun
from core.export.layout.cues import stamp
from core.export.layout.document import Document

LATIN_FONT = "Calibri"
CJK_FONT = "Microsoft YaHei"
MUTED = RGBColor(0x5F, 0x63, 0x68)
INK = RGBColor(0x1C, 0x1C, 0x1E)
MARKS = {"yellow": "FFF0A3", "green": "C9F2CF", "blue": "CFE4FF", "pink": "FFD6E5"}
EDGES = {"yellow": "E0B400", "green": "2E9E4F", "blue": "3B82E0", "pink": "E0558A", None: "C4C7CC"}
SIZES = {"Title": 22, "Heading 2": 15, "Heading 3": 12.5, "Normal": 11}
# Characters that XML cannot hold, which python-docx would refuse.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def docx(document: Document) -> bytes:
    """Return the whole file."""
    made = new_document()
    _properties(made, document)
    _styles(made, document.language)
    for section in made.sections:
        section.page_width, section.page_height = Cm(21.0), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.4)
        section.top_margin = section.bottom_margin = Cm(2.2)
    for block in document.blocks:
        _paragraph(made, block)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _properties(made: WordDocument, document: Document) -> None:
    properties = made.core_properties
    properties.title = _writable(document.title)[:255]
    properties.author = _writable(document.author)[:255] or "CastMind"
    properties.language = document.language
    properties.comments = ""
    properties.created = properties.modified = datetime.now(UTC).replace(tzinfo=None)


def _styles(made: WordDocument, language: str) -> None:
    for name, size in SIZES.items():
        style = made.styles[name]
        assert isinstance(style, ParagraphStyle)
        style.font.name, style.font.size = LATIN_FONT, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), CJK_FONT)
        if name != "Normal":
            style.font.color.rgb = INK
            style.font.bold = True
            style.paragraph_format.space_before = Pt(0 if name == "Title" else 14)
            style.paragraph_format.space_after = Pt(4)
            for border in style.element.get_or_add_pPr().findall(qn("w:pBdr")):
                border.getparent().remove(border)
    normal = made.styles["Normal"]
    assert isinstance(normal, ParagraphStyle)
    normal.paragraph_format.space_after = Pt(6)
    normal.paragraph_format.line_spacing = 1.25
    latin = language if language not in ("zh", "yue") else "en-US"
    normal.element.get_or_add_rPr().append(_element("w:lang", val=latin, eastAsia="zh-CN"))


def _paragraph(made: WordDocument, block: Block) -> None:
    style = {BlockKind.TITLE: "Title", BlockKind.HEADING: f"Heading {block.level}"}.get(block.kind, "Normal")
    paragraph = made.add_paragraph(style=style)
    form = paragraph.paragraph_format
    match block.kind:
        case BlockKind.ITEM:
            form.left_indent, form.first_line_indent = Cm(0.6 * max(block.level, 1)), Cm(-0.6)
            form.space_after = Pt(3)
            if block.sign:
                form.tab_stops.add_tab_stop(Cm(0.6 * max(block.level, 1)))
                paragraph.add_run(f"{block.sign}\t").font.color.rgb = MUTED
        case BlockKind.QUOTE:
            form.left_indent = Cm(0.6 * block.level + 0.3)
            _left_edge(paragraph, EDGES[block.colour])
        case BlockKind.RULE:
            _edge(paragraph, "bottom", EDGES[None])
        case BlockKind.TEXT | BlockKind.CODE if block.level:
            form.left_indent = Cm(0.6 * block.level + 0.3)
        case BlockKind.FACTS:
            form.space_after = Pt(2)
    if block.start is not None:
        _time(paragraph, block)
    for run in block.runs:
        _run(paragraph, run, quiet=block.kind is BlockKind.QUOTE and block.colour is None, mark=block.colour)


def _time(paragraph: Paragraph, block: Block) -> None:
    shown = TextRun(stamp(block.start or 0.0), muted=block.place is None, link=block.place)
    _run(paragraph, shown)
    paragraph.add_run("  ")


def _run(paragraph: Paragraph, run: TextRun, *, quiet: bool = False, mark: str | None = None) -> None:
    text = _writable(run.text)
    if not text:
        return
    made = paragraph.add_run(text)
    made.bold, made.italic = run.bold or None, run.italic or None
    if run.code:
        made.font.name = "Consolas"
    if run.muted or quiet:
        made.font.color.rgb = MUTED
    colour = run.mark or mark
    if colour in MARKS:
        # Word's own highlighter has glaring colours only.
        made._r.get_or_add_rPr().append(_element("w:shd", val="clear", color="auto", fill=MARKS[colour]))
    if run.link and run.link.startswith(("http://", "https://")):
        made.font.color.rgb = RGBColor(0x0B, 0x57, 0xD0)
        made.font.underline = True
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), paragraph.part.relate_to(run.link, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
        made._r.getparent().replace(made._r, link)
        link.append(made._r)


def _element(tag: str, **attributes: str) -> BaseOxmlElement:
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


def _left_edge(paragraph: Paragraph, colour: str) -> None:
    _edge(paragraph, "left", colour, width=18, space=8)


def _edge(paragraph: Paragraph, side: str, colour: str, *, width: int = 6, space: int = 1) -> None:
    borders = OxmlElement("w:pBdr")
    borders.append(_element(f"w:{side}", val="single", sz=str(width), space=str(space), color=colour))
    # The schema wants a border before spacing and indents.
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:kinsoku", "w:wordWrap", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("", text)
