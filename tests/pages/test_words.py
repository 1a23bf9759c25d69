"""The texts of the pages keep to the glossary: one word for one thing, contractions, typographic signs.

docs/glossary.md, “Words of the pages” ── wrong variants ──▶ found in neither en.json nor zh.json
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pages.text import texts

GLOSSARY = Path(__file__).resolve().parent.parent.parent / "docs" / "glossary.md"
# Wrong variants as patterns; words that are right elsewhere stand with the words that make them wrong.
WRONG = {
    "en": (
        r"\bby (?:itself|themselves)\b",
        r"\bput (?:the|a) tag\b|\btake (?:it|the tag) (?:off|away|back)\b|\btaking the tag off\b",
        r"\b(?:go|goes|going|went) on\b",
        r"\blet(?:s|ting)? go\b|\bfor good\b|\banew\b",
        r"\bfetch\w*|\bremarks?\b|\bhear(?:d|s)? (?:it )?again\b",
        r"\bdoes not answer|\banswers? (?:not|with)\b|\bthe log says\b|\bstands? (?:above|here|below)\b",
        r"\bthe newest\b|\bcannot\b",
        r"\b(?:is|are|was|were|do|does|did|has|have|had|could|would|will) not\b",
        r"\bcolor|\bcanceled|\b\w+(?:mariz|ganiz|cogniz)ed\b",
        r"['\"]",
    ),
    "zh": (
        "转写",
        "备注",
        "应答",
        "计算机",
        "[你]",
        "退订",
        "标注",
        "取下",
        "没有任何改动",
        "(?:恢复|做一份).{0,4}备份",
        "[\u4e00-\u9fff][,;!?](?= ?[\u4e00-\u9fff])",
    ),
}
# Words as they are: searches that a reader can type, and what Streamlit says.
TYPED = re.compile(r"^search\.way\.[a-z]+$|^streamlit\.")


@pytest.mark.parametrize("language", WRONG)
def test_no_text_has_a_wrong_variant(language: str) -> None:
    wrong = [re.compile(each, re.IGNORECASE) for each in WRONG[language]]
    said = {key: text for key, text in texts(language).items() if not TYPED.match(key)}
    assert len(said) > 1000
    assert {key: text for key, text in said.items() if any(each.search(text) for each in wrong)} == {}


def rows() -> list[list[str]]:
    """Return the rows of the glossary's second table, in cells."""
    table = GLOSSARY.read_text(encoding="utf-8").partition("## Words of the pages")[2]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("| ")][2:]


def test_the_glossary_is_in_order_and_its_terms_are_those_of_the_texts() -> None:
    english, chinese = ("\n".join(texts(language).values()).casefold() for language in ("en", "zh"))
    assert len(rows()) > 30 and all(len(cells) == 4 and all(cells) for cells in rows())
    terms = [cells[0] for cells in rows()]
    assert terms == sorted(terms, key=str.casefold)
    assert [term for term in terms if re.split(r"[,;:(]", term)[0].strip().casefold() not in english] == []
    assert [cells[1] for cells in rows() if re.split("[，；：（]", cells[1])[0] not in chinese] == []
