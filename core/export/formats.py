"""List the formats of an export in one table: name, media type, and writer of each.

A new format gets a module, a line here, and one in the pages' texts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.domain.episodes.export_form import Form
from core.export.export_data import Material
from core.export.layout.document import document
from core.export.writers.json_document import episode_json
from core.export.writers.markdown import markdown
from core.export.writers.srt import srt
from core.export.writers.txt import txt
from core.export.writers.vtt import vtt
from core.export.writers.webpage import webpage


@dataclass(frozen=True, slots=True)
class FormatKind:
    """`packed`: compressing it again gains nothing."""

    media_type: str
    write: Callable[[Material], bytes]
    packed: bool = False


def _text(write: Callable[[Material], str]) -> Callable[[Material], bytes]:
    return lambda material: write(material).encode("utf-8", "replace")


def _docx(material: Material) -> bytes:
    # A second of imports that a server without such an export does not need.
    from core.export.writers.word import docx

    return docx(document(material))


def _pdf(material: Material) -> bytes:
    from core.export.writers.pdf import pdf

    return pdf(document(material))


def _json(material: Material) -> str:
    return json.dumps(episode_json(material), ensure_ascii=False, indent=1) + "\n"


FORMS: Mapping[Form, FormatKind] = {
    Form.MD: FormatKind("text/markdown; charset=utf-8", _text(markdown)),
    Form.TXT: FormatKind("text/plain; charset=utf-8", _text(lambda m: txt(m.transcript) if m.transcript else "")),
    Form.SRT: FormatKind("application/x-subrip; charset=utf-8", _text(lambda m: srt(m.transcript) if m.transcript else "")),
    Form.VTT: FormatKind("text/vtt; charset=utf-8", _text(lambda m: vtt(m.transcript) if m.transcript else "")),
    Form.JSON: FormatKind("application/json", _text(_json)),
    Form.HTML: FormatKind("text/html; charset=utf-8", _text(lambda m: webpage(document(m)))),
    Form.DOCX: FormatKind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _docx, packed=True),
    Form.PDF: FormatKind("application/pdf", _pdf, packed=True),
}


def write(material: Material, form: Form) -> bytes:
    """Return the episode in that format. Raises FontMissing (PDF)."""
    return FORMS[form].write(material)
