"""The DOCX as a package of XML parts, read without the library that wrote it."""

from __future__ import annotations

import io
import subprocess
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from core.export.layout.document import document
from core.export.writers.word import docx
from tests.export.talk import CHINESE, ENGLISH, PAGE, material

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
# The order that the schema (ECMA-376, CT_PPrBase) asks for; Word refuses a file in another.
ORDER = ["pStyle", "keepNext", "keepLines", "pBdr", "shd", "tabs", "spacing", "ind", "jc", "rPr"]


def parts(language: str) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(docx(document(material(language))))) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


def body(language: str) -> etree._Element:
    return etree.fromstring(parts(language)["word/document.xml"])


def lines(root: etree._Element) -> list[str]:
    return ["".join(t.text or "" for t in p.iter(f"{W}t")) for p in root.iter(f"{W}p")]


@pytest.mark.parametrize(("language", "said"), [("en", ENGLISH), ("zh", CHINESE)])
def test_every_word_is_there(language: str, said: tuple[str, ...]) -> None:
    text = "\n".join(lines(body(language)))
    for line in said:
        assert line in text


def test_every_part_is_named_and_well_formed() -> None:
    found = parts("zh")
    types = etree.fromstring(found["[Content_Types].xml"])
    overrides = {e.get("PartName").lstrip("/") for e in types if e.get("PartName")}
    assert overrides <= found.keys() and "word/document.xml" in overrides
    for name, content in found.items():
        if name.endswith((".xml", ".rels")):
            etree.fromstring(content)


def test_paragraph_properties_stand_in_the_order_of_the_schema() -> None:
    for properties in body("en").iter(f"{W}pPr"):
        names = [child.tag.removeprefix(W) for child in properties]
        assert set(names) <= set(ORDER)
        assert names == sorted(names, key=ORDER.index)


def test_styles_links_and_marks() -> None:
    root = body("en")
    styles = {e.get(f"{W}val") for e in root.iter(f"{W}pStyle")}
    assert {"Title", "Heading2", "Heading3"} <= styles
    relations = {e.get("Id"): e.get("Target") for e in etree.fromstring(parts("en")["word/_rels/document.xml.rels"])}
    targets = {relations[e.get(f"{R}id")] for e in root.iter(f"{W}hyperlink")}
    assert f"{PAGE}&t=65" in targets and all(t.startswith((PAGE, "https://pod.example/")) for t in targets)
    marked = ["".join(t.text for t in e.getparent().getparent().iter(f"{W}t")) for e in root.iter(f"{W}shd")]
    assert ENGLISH[3][:6] in marked


def test_characters_that_xml_cannot_hold_are_left_out() -> None:
    from dataclasses import replace

    talk = material("en")
    odd = replace(talk, own_notes="a\x0bb \ufffe c\ud800d \U0001f389")
    with zipfile.ZipFile(io.BytesIO(docx(document(odd)))) as package:
        assert "\U0001f389" in package.read("word/document.xml").decode()


def test_unzip_finds_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "episode.docx"
    path.write_bytes(docx(document(material("zh"))))
    assert "No errors detected" in subprocess.run(["unzip", "-t", path], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("language", ["en", "zh"])
def test_another_program_reads_all_of_its_text(language: str, tmp_path: Path) -> None:
    talk = material(language)
    path = tmp_path / "episode.docx"
    path.write_bytes(docx(document(talk)))
    read = subprocess.run(["docx2txt", path, "-"], capture_output=True, check=True).stdout.decode()
    assert talk.transcript and talk.notes
    for text in (talk.episode.title, talk.notes.tldr, *(segment.text.strip() for segment in talk.transcript.segments)):
        assert "".join(text.split()) in "".join(read.split())
