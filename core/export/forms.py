"""The formats of an export, one table: how each is called, what the browser is told, and who writes it.

A new format gets a module, a line here, and one in the pages' texts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.export.document import document
from core.export.jsonform import episode_json
from core.export.markdown import markdown
from core.export.material import Material
from core.export.srt import srt
from core.export.txt import txt
from core.export.vtt import vtt
from core.export.webpage import webpage


class Form(StrEnum):
    MD = "md"
    TXT = "txt"
    SRT = "srt"
    VTT = "vtt"
    JSON = "json"
    HTML = "html"
    DOCX = "docx"
    PDF = "pdf"


@dataclass(frozen=True, slots=True)
class Kind:
    """`packed`: compressing it again gains nothing."""

    media_type: str
    write: Callable[[Material], bytes]
    packed: bool = False


def _text(write: Callable[[Material], str]) -> Callable[[Material], bytes]:
    return lambda material: write(material).encode("utf-8", "replace")


def _docx(material: Material) -> bytes:
    # A second of imports that a server without such an export does not need.
    from core.export.word import docx

    return docx(document(material))


def _pdf(material: Material) -> bytes:
    from core.export.pdf import pdf

    return pdf(document(material))


def _json(material: Material) -> str:
    return json.dumps(episode_json(material), ensure_ascii=False, indent=1) + "\n"


FORMS: Mapping[Form, Kind] = {
    Form.MD: Kind("text/markdown; charset=utf-8", _text(markdown)),
    Form.TXT: Kind("text/plain; charset=utf-8", _text(lambda m: txt(m.transcript) if m.transcript else "")),
    Form.SRT: Kind("application/x-subrip; charset=utf-8", _text(lambda m: srt(m.transcript) if m.transcript else "")),
    Form.VTT: Kind("text/vtt; charset=utf-8", _text(lambda m: vtt(m.transcript) if m.transcript else "")),
    Form.JSON: Kind("application/json", _text(_json)),
    Form.HTML: Kind("text/html; charset=utf-8", _text(lambda m: webpage(document(m)))),
    Form.DOCX: Kind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _docx, packed=True),
    Form.PDF: Kind("application/pdf", _pdf, packed=True),
}


def write(material: Material, form: Form) -> bytes:
    """The episode in that format. Raises FontMissing (PDF)."""
    return FORMS[form].write(material)
