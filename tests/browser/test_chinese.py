"""In Chinese, every page is Chinese: no run of Latin letters but names and formats, in texts and in what screen readers hear.

a library of Chinese episodes ─▶ every page, with its folds, popovers, lists and dialogs open ─▶ LATIN ─▶ none but ALLOWED
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from core.speech.models import hardware
from pages.text.spoken_languages import LANGUAGES
from tests.browser.conftest import Visit
from tests.browser.test_pages import settled
from tests.fixtures import chinese_library
from tests.running import RunningApp, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.long]

# Names of programs, services and settings; formats and units; keys; values and addresses that a reader types as they are.
ALLOWED = "|".join(
    (
        r"CastMind|Ollama|Apple|YouTube|iTunes|Podcast Index|Readwise|Obsidian|LibreOffice|Word|Markdown|Windows|NVIDIA",
        r"CPU|CUDA|Landlock|Linux|CASTMIND_[A-Z_]+|HF_ENDPOINT|OLLAMA_HOST|open_to_network|compose|config/\S+|data/\w+",
        r"RSS|OPML|XML|CSV|JSON|HTML|DOCX|PDF|SRT|VTT|TXT|MP3|WAV|ntfy(?:\.sh)?|[Zz]ip|token|ext4|overlay|tmpfs",
        r"(?<=\d)\s?(?:[kMGT]?B|KB)|\bGB\b|Ctrl|Enter|Esc|Delete|quant|qwen[\w.:]+",
        r"https?\u2060?://\S+|[\w.-]+\.(?:com|org|co|example|toml)\b|nas:8080|English|production|development",
        r"\bauto\b|\bdemo\b|\bbench\b|faster-whisper|(?:tiny|base|small|medium|large|distil)[\w.-]*",
        r"Hugging Face|castmind-[\w.…-]+|float16|int8(?:_float16)?|\ben\b|\bzh\b|INFO",
    )
)
HEARD = ["aria-label", "aria-description", "aria-valuetext", "title", "placeholder", "alt"]
LATIN = """([allowed, heard]) => {
    const names = new RegExp(allowed, "g");
    const found = new Set();
    const look = (words, where) => {
        if (words && /[A-Za-z]{2,}/.test(words.replace(names, ""))) found.add(`${where}: ${words.trim().slice(0, 160)}`);
    };
    const walk = (node) => {
        if (node.nodeType === Node.TEXT_NODE) {
            const holder = node.parentElement ?? node.getRootNode().host;
            // The letters of an icon's font are its pictures.
            if (!/^"?Material Symbols/.test(getComputedStyle(holder).fontFamily)) look(node.data, holder.localName);
            return;
        }
        if (node.nodeType === Node.ELEMENT_NODE) {
            // Not checkVisibility: it is false for what has no box of its own, such as the holders of components.
            const { display, visibility } = getComputedStyle(node);
            if (["SCRIPT", "STYLE", "NOSCRIPT"].includes(node.tagName) || display === "none" || visibility === "hidden") return;
            for (const name of node.ariaHidden === "true" ? [] : heard) {
                look(node.getAttribute(name), `${node.localName} ${name}`);
            }
            for (const child of node.shadowRoot?.childNodes ?? []) walk(child);
        }
        for (const child of node.childNodes) walk(child);
    };
    walk(document.body);
    look(document.title, "title");
    return [...found];
}"""
PAGES = (
    "", "feeds", "feeds?add=file", "feeds?add=search", "feeds?add=address", "search", "search?q=港口", "search?q=没有的词",
    "highlights", "queue", "queue?show=done", "queue?show=failed", "status", "show?id=1", "show?id=404", "episode?id=1",
    "episode?id=2", "episode?id=404", *(f"settings?group={group}" for group in ("pages", "speech", "notes", "sources")),
    *(f"settings?group={group}" for group in ("keeping", "notifications", "backup", "server")),
)  # fmt: skip


@pytest.fixture(scope="module")
def sea(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    data = tmp_path_factory.mktemp("sea") / "data"
    chinese_library.fill(data)
    with RunningApp(data, CASTMIND_NOTES_ENGINE="extractive") as running:
        yield running


def chinese(page: Page, where: str) -> None:
    """Wait until all of the page is Chinese: components and Streamlit draw one after another."""
    found: list[str] = []
    # The processor's name, and languages in their own words.
    names = "|".join(map(re.escape, (hardware.look(at_card=False).cpu_name, *LANGUAGES.values())))
    allowed = f"{ALLOWED}|{names}"

    def look() -> bool:
        found[:] = page.evaluate(LATIN, [allowed, HEARD])
        return not found

    wait_for(look, patience=20, why=lambda: f"/{where}: " + "\n".join(found))


def opened(page: Page, app: RunningApp, path: str) -> None:
    page.goto(f"{app.url}/{path}")
    page.get_by_role("heading", level=1).first.wait_for()
    settled(page)


def visible(found: Locator) -> list[Locator]:
    return [each for each in found.all() if each.is_visible() and each.is_enabled()]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_chinese_with_all_its_parts_open(sea: RunningApp, visit: Visit, path: str) -> None:
    page = visit(sea, None, locale="zh-CN")
    opened(page, sea, path)
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    chinese(page, path)
    for summary in visible(page.locator("[data-testid=stExpander] summary")):
        summary.click()
        settled(page)
    chinese(page, f"{path}, unfolded")
    for button in visible(page.locator("[data-testid=stPopover] button")):
        button.click()
        page.get_by_test_id("stPopoverBody").wait_for()
        chinese(page, f"{path}, a popover")
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)
    for field in visible(page.locator("[data-testid=stSelectbox] input")):
        field.click()
        page.keyboard.type("没有的")
        page.get_by_role("listbox").wait_for()
        chinese(page, f"{path}, a list")
        page.keyboard.press("Escape")
    for field in visible(page.locator("[data-testid=stTextInput] input, [data-testid=stNumberInput] input")):
        field.focus()
        chinese(page, f"{path}, a field")


DIALOGS = (
    ("episode?id=1", "menu-again"), ("episode?id=1", "menu-downloads"), ("episode?id=1", "重新生成…"), ("episode?id=1", "快捷键"),
    ("settings?group=backup", "立即备份"),
)  # fmt: skip


@pytest.mark.parametrize(("path", "button"), DIALOGS)
def test_a_dialog_is_chinese(sea: RunningApp, visit: Visit, path: str, button: str) -> None:
    page = visit(sea, None, locale="zh-CN")
    opened(page, sea, path)
    if button.startswith("menu-"):
        page.get_by_test_id("head-menu").click()
        chinese(page, f"{path}, the menu")
        page.get_by_test_id(button).click()
    else:
        page.get_by_role("button", name=button).first.click()
    if path.startswith("episode"):
        page.get_by_role("dialog").wait_for()
    settled(page)
    chinese(page, f"{path}, {button}")


def test_the_palette_and_the_parts_of_an_episode_are_chinese(sea: RunningApp, visit: Visit) -> None:
    page = visit(sea, None, locale="zh-CN")
    opened(page, sea, "episode?id=1")
    for tab in page.get_by_role("tab").all():
        tab.click()
        chinese(page, "episode, a part")
    page.get_by_test_id("open-palette").click()
    page.keyboard.type("港口")
    page.get_by_test_id("palette-hit").first.wait_for()
    chinese(page, "the palette")


def test_files_that_are_refused_and_a_lost_server_are_told_in_chinese(
    visit: Visit, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with RunningApp(tmp_path_factory.mktemp("lost") / "data") as app:
        page = visit(
            app, None, locale="zh-CN", ignore=("ERR_", "WebSocket", "websocket", "not responding", "disconnected", "connection")
        )
        opened(page, app, "feeds?add=file")
        wrong = tmp_path / "图片.png"
        wrong.write_bytes(b"0")
        page.locator("[data-testid=stFileUploader] input").set_input_files(wrong)
        expect(page.get_by_test_id("stFileUploader")).to_contain_text("不支持 image/png 文件。")
        app.kill()
        expect(page.get_by_role("dialog")).to_contain_text("连接中断")
        expect(page.get_by_role("dialog")).to_contain_text("CastMind")


def test_what_people_write_is_never_translated(sea: RunningApp, visit: Visit) -> None:
    """A podcast called like a word of Streamlit keeps its name, and so does a choice."""
    page = visit(sea, None, locale="zh-CN")
    opened(page, sea, "show?id=1")
    chinese(page, "show?id=1")
    feed = "/api/v1/feeds/1"
    sea.client.patch(feed, json={"title": "No results", "folder": "Select all"}).raise_for_status()
    opened(page, sea, "show?id=1")
    expect(page.get_by_role("heading", level=1)).to_have_text("No results")
    page.locator("[data-testid=stExpander] summary").first.click()
    expect(page.get_by_label("文件夹", exact=True).first).to_have_value("Select all")
    sea.client.patch(feed, json={"title": "海边夜话", "folder": ""}).raise_for_status()
