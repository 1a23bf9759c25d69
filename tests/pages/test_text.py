"""The pages' texts are complete: same keys and placeholders in both languages, none missing, unused or hard-coded.

pages/**/*.py ── ast ──▶ keys, patterns of keys, other words ─┐
pages/**/*.js ── words in quotes, names of texts ─────────────┼──▶ en.json, zh.json
core: errors, settings, states, steps, sources, checks ───────┘
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Literal, get_args, get_origin

import pytest

from core.domain import web_address
from core.domain.episodes.episode import Source
from core.domain.jobs.job import Stage, State
from core.domain.schedules import cron
from core.domain.text_places import fill, names
from core.errors import CastMindError, Stopped
from core.llm import locate
from core.message import Message
from core.settings import table
from core.speech.request import Phase
from pages import text
from pages.text import texts

PAGES = Path(__file__).resolve().parent.parent.parent / "pages"
CORE = PAGES.parent / "core"
HAN = re.compile("[\u4e00-\u9fff]")
# Names, symbols and examples: the same in every language.
SAME = {
    "frame.keys",
    "frame.keys_mac",
    "palette.escape",
    "option.cpu",
    "option.cuda",
    "option.development",
    "option.en",
    "option.ollama",
    "option.production",
    "option.zh",
    "search.way.prefix",
    "setup.ollama",
    "status.check.ollama",
    "notify.service.bark",
    "notify.service.discord",
    "notify.service.gotify",
    "notify.service.home_assistant",
    "notify.service.ntfy",
    "notify.service.slack",
    "notify.service.telegram",
    "notify.service.webhook",
}
# Key prefixes whose texts are named in core: see core/message.py.
MESSAGES = ("speech", "archive", "ollama", "remark", "taker", "cron", "rest")
# Key prefixes whose texts core itself tells, on the command line and in reports; their own tests compare codes and texts.
TOLD_BY_CORE = ("doctor", "incident")
# Components that are given all texts of their prefix.
BY_SCRIPTS = ("player", "palette", "highlights", "search")
# Texts of a component that are read whole, by their prefix.
WHOLE = ("streamlit",)
# Names that are the same in every language, language names in their own language, and date formats.
NAMES = {"CastMind", "Markdown", "Word", "Ollama", "Apple iTunes", "Podcast Index"}
SPELLED = {
    "pages/design/tokens.py": "MARKUP",
    "pages/feeds/cover.py": "MARKUP",
    "pages/logs/log_lines.py": "MARKUP",
    "pages/text/spoken_languages.py": "LANGUAGES",
    "pages/text/__init__.py": "LANGUAGES",
}
DATES = {"pages/shared/formats.py"}
# Strings in the scripts that look like words but are for the browser, not for people.
KEYBOARD = re.compile(r"(Arrow|Page)(Up|Down|Left|Right)|Home|End|Enter|Escape|Esc|Ctrl\+Z|Tab|Shift|Delete|Backspace")
WORDS = re.compile(r"[\u4e00-\u9fff]|\b[A-Z][a-z]+\b|[A-Za-z]{2,}[,.:;!?…]? [A-Za-z]{2,}")


def keys(language: str) -> set[str]:
    return set(texts(language))


def cases() -> set[str]:
    """Return the cases of errors with a sentence of their own, `code.case`, as core raises them."""
    return {key.removeprefix("error.") for key in keys("en") if key.startswith("error.") and key.count(".") == 2}


# --- the two languages -------------------------------------------------------------------------------


def test_both_languages_hold_the_same_keys_in_the_same_order() -> None:
    assert list(texts("zh")) == list(texts("en"))


def test_both_languages_fill_the_same_places() -> None:
    assert {k: names(v) for k, v in texts("zh").items()} == {k: names(v) for k, v in texts("en").items()}


def test_chinese_is_chinese_and_english_is_english() -> None:
    assert [
        key for key, text in texts("zh").items() if not HAN.search(text) and key not in SAME and text == texts("en")[key]
    ] == []
    assert [
        key for key, text in texts("en").items() if HAN.search(text) and key not in SAME and not key.startswith("search.way.")
    ] == []
    assert [key for language in ("en", "zh") for key, text in texts(language).items() if not text.strip()] == []


# --- keys that the code asks for ---------------------------------------------------------------------


@cache
def modules() -> dict[str, ast.Module]:
    return {str(path.relative_to(PAGES.parent)): ast.parse(path.read_text(encoding="utf-8")) for path in PAGES.rglob("*.py")}


@cache
def scripts() -> dict[str, str]:
    """Return JavaScript by file name, without comments."""
    return {path.name: _without_comments(path.read_text(encoding="utf-8")) for path in PAGES.rglob("*.js")}


def _without_comments(source: str) -> str:
    return re.sub(r"(^|\s)//[^\n]*", r"\1", re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL))


def _calls() -> Iterator[ast.expr]:
    """Yield the literal arguments of t(…) and has(…); both branches of a conditional key."""
    for tree in modules().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("t", "has") and node.args:
                asked = node.args[0]
                yield from (asked.body, asked.orelse) if isinstance(asked, ast.IfExp) else (asked,)


def _pattern(joined: ast.JoinedStr) -> str:
    """Return a regular expression for the keys that an f-string can produce."""
    return "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in joined.values)


@cache
def _strings() -> tuple[set[str], set[str]]:
    """Return all constants, and the patterns of all f-strings that begin like a key."""
    nodes = [node for tree in modules().values() for node in ast.walk(tree)]
    constants = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    patterns = {_pattern(node) for node in nodes if isinstance(node, ast.JoinedStr)}
    return constants, {pattern for pattern in patterns if re.match(r"[a-z_]+\\\.", pattern)}


def test_every_key_that_is_asked_for_is_there() -> None:
    asked = list(_calls())
    constants = {node.value for node in asked if isinstance(node, ast.Constant)}
    patterns = {_pattern(node) for node in asked if isinstance(node, ast.JoinedStr)}
    assert len(constants) > 100 and len(patterns) > 10
    assert constants - keys("en") == set()
    assert [pattern for pattern in patterns if not any(re.fullmatch(pattern, key) for key in keys("en"))] == []


def test_every_text_is_used() -> None:
    assert sorted(key for key in keys("en") if not _used(key)) == []


def _used(key: str) -> bool:
    constants, patterns = _strings()
    room, _, name = key.partition(".")
    whole_room = rf"{room}\..+"
    if key in constants or any(re.fullmatch(pattern, key) for pattern in patterns - {whole_room}):
        return True
    if room in MESSAGES:
        return key in messages()
    if room in TOLD_BY_CORE:
        code = re.sub(r"\.(remedy|done|would)$", "", name)
        return {code, code.rpartition(".")[2], key} & _ends(room) != set()
    if room in WHOLE:
        return True
    if room in BY_SCRIPTS:
        return name in _named_in_scripts() or f"{name.rpartition('_')[0]}_${{" in "".join(scripts().values())
    # A pattern that matches every key of the prefix proves nothing: the name itself must occur somewhere.
    return whole_room in patterns and name in _ends(room)


@cache
def _named_in_scripts() -> frozenset[str]:
    return frozenset(re.findall(r"[a-z_][a-z_0-9]*", "".join(scripts().values())))


@cache
def _ends(room: str) -> frozenset[str]:
    """Return the possible endings of a prefix's keys, if they come from a table, core or a list of names."""
    if room == "error":
        return frozenset(codes() | cases())
    if room == "setting":
        return frozenset(name + end for name in table() for end in ("", ".help"))
    quoted = re.compile(r'"([a-z][a-z_\-0-9.]*)"')
    core = "".join(path.read_text(encoding="utf-8") for path in CORE.rglob("*.py"))
    lists = (text for text in _strings()[0] if re.fullmatch(r"[a-z_]+( [a-z_]+)+", text))
    return frozenset([*quoted.findall(core), *_strings()[0], *(name for text in lists for name in text.split())])


# --- messages of core --------------------------------------------------------------------------------


def _tree(root: type[CastMindError]) -> Iterator[type[CastMindError]]:
    yield root
    for child in root.__subclasses__():
        yield from _tree(child)


def codes() -> set[str]:
    """Return the codes of all errors that a user may see."""
    return {error.code for error in _tree(CastMindError) if not issubclass(error, Stopped)}


def messages() -> set[str]:
    """Return the keys of core's messages other than errors."""
    core = "".join(path.read_text(encoding="utf-8") for path in CORE.rglob("*.py"))
    return {f"{room}.{name}" for room, name in re.findall(rf'"({"|".join(MESSAGES)})\.([a-z_]+)"', core)}


def test_every_message_has_a_text_and_every_text_of_one_its_message() -> None:
    assert {key for key in keys("en") if key.partition(".")[0] in MESSAGES} == messages()
    assert len(messages()) > 20


def test_every_error_has_a_text_and_every_text_of_one_its_error() -> None:
    assert {key.removeprefix("error.") for key in keys("en") if key.startswith("error.")} - cases() == codes()


# Counts that are never one: limits, and sizes in thousands.
NEVER_ONE = {
    "cron.hours",
    "cron.minutes",
    "error.bad_access.headers",
    "error.bad_access.unsendable",
    "error.bad_address.long",
    "error.context_too_small",
    "error.invalid.clip_long",
    "error.invalid.export_many",
    "error.conflict.channels",
    "error.invalid.channel_name",
    "error.invalid.password_length",
    "error.invalid.remark_long",
    "error.invalid.schedule_name",
    "error.invalid.sentence_long",
    "error.invalid.speaker_name",
    "error.invalid.tag_name",
    "error.server_ended",
    "error.too_large.opml_feeds",
    "export.too_many",
    "highlights.shown_of_more",
    "library.not_done_many",
    "ollama.context_model",
    "ollama.context_short",
    "player.spoken_more",
    "remark.pages_enough",
    "search.at_least",
    "streamlit.options_available",
}
COUNTS = {
    "all",
    "cores",
    "count",
    "days",
    "done",
    "episodes",
    "feeds",
    "gap",
    "hours",
    "items",
    "least",
    "limit",
    "minutes",
    "most",
} | {*("n", "now", "of", "open", "pages", "times", "total")}
PLURAL = re.compile(r"\{(\w+)\} (?:[a-z]+ )?(?!(?:as|is|was|has|its)\b)(?:[a-z]+s|are|were|have)\b")


def _has_a_sibling(key: str) -> bool:
    return f"{key}_one" in keys("en") or key.endswith("_one") or ".many_" in key or ".one_" in key


def test_every_english_count_has_a_form_for_one() -> None:
    found = {key for key, said in texts("en").items() if COUNTS & set(PLURAL.findall(said))}
    assert {key for key in found if not _has_a_sibling(key)} == NEVER_ONE
    with_forms = [fill(said, dict.fromkeys(names(said), "1")) for said in texts("en").values() if "|" in said]
    wrong = re.compile(r"\b1 (?:[a-z]+ )?(?:episodes|feeds|files|hits|places|days|hours|times|cores|are|were|have)\b")
    assert len(with_forms) > 30 and [said for said in with_forms if wrong.search(said)] == []


def _named_cases() -> Iterator[str]:
    """Yield the cases that core names: `case="…"` in a call or a dictionary, and the tables of cases of `web_address`."""
    for path in CORE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            values: list[ast.expr] = []
            if isinstance(node, ast.keyword) and node.arg == "case":
                values = [node.value]
            elif isinstance(node, ast.Dict):
                pairs = zip(node.keys, node.values, strict=True)
                values = [value for key, value in pairs if isinstance(key, ast.Constant) and key.value == "case"]
            said = (each for value in values for each in ast.walk(value))
            yield from (each.value for each in said if isinstance(each, ast.Constant) and isinstance(each.value, str))


def test_every_case_of_an_error_has_a_text_and_every_text_of_one_its_case() -> None:
    """`setting_` stands for the bounds of a setting: least, most, range."""
    named = {
        *_named_cases(),
        *web_address._DETAILS,
        *cron.CASES.values(),
        "cron_fields",
        "cron_never",
        "setting_least",
        "setting_most",
    } - {"setting_"}
    assert {case.partition(".")[2] for case in cases()} == named
    assert {case.partition(".")[0] for case in cases()} <= codes()


def test_an_error_record_gets_the_nearest_sentence_that_it_can_fill() -> None:
    english = texts("en")

    def said(code: str, **params: object) -> str:
        return text.error_sentence({"code": code, "detail": "[Errno -2] Name or service not known", "params": params}, english)

    assert said("conflict", case="tag_taken", name="Work") == english["error.conflict.tag_taken"].format(name="Work")
    assert said("conflict", case="tag_taken") == english["error.conflict"]
    assert said("conflict", case="of a later version") == english["error.conflict"]
    assert said("name_unknown", host="pods.example") == english["error.name_unknown"].format(host="pods.example")
    assert said("name_unknown") == english["error.network_unreachable"]
    assert said("a plug-in's own") == english["error.internal"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_errors_say_what_became_of_things_and_end_as_sentences(language: str) -> None:
    for code in codes() | cases():
        text = texts(language)[f"error.{code}"]
        assert text.endswith((".", "。")), code
        assert len(re.findall(r"[.;。；，]", text)) >= 2, f"{code} says what happened, but not what is kept or what to do"


def _choices() -> Iterable[str]:
    for field in table().values():
        if get_origin(field.annotation) is Literal:
            yield from map(str, get_args(field.annotation))


def test_settings_states_stages_and_sources_have_their_texts() -> None:
    wanted = {
        *(f"setting.{name}" for name in table()),
        *(f"setting.{name}.help" for name in table()),
        *(f"state.{state.value}" for state in State),
        *(f"{room}.{stage.value}" for room in ("stage", "doing") for stage in Stage),
        *(f"{room}.{source.value}" for room in ("source", "episode.source") for source in Source),
    }
    assert wanted - keys("en") == set()


def test_whatever_a_long_job_is_at_has_its_text() -> None:
    """Fetching and finished steps use the step's own text."""
    told = re.findall(r'"phase": "(\w+)"', "".join(path.read_text(encoding="utf-8") for path in CORE.rglob("*.py")))
    assert {"read", "merge"} <= set(told)
    assert {f"phase.{phase}" for phase in {*told, *get_args(Phase)} - {"fetching", "done"}} - keys("en") == set()


# --- hard-coded texts --------------------------------------------------------------------------------


def _documentation(tree: ast.Module) -> set[int]:
    bodies = (node.body for node in ast.walk(tree) if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef))
    return {id(body[0].value) for body in bodies if body and isinstance(body[0], ast.Expr)}


def _spelled(tree: ast.Module, name: str) -> set[int]:
    """Return the strings of one table of names."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name:
            return {id(part) for part in ast.walk(node)}
    raise AssertionError(f"{name} is gone")


def _stray_in_python() -> Iterator[tuple[str, str]]:
    for file, tree in modules().items():
        passed = _documentation(tree) | (_spelled(tree, SPELLED[file]) if file in SPELLED else set())
        for node in ast.walk(tree):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in passed or file in DATES:
                continue
            words = re.sub(r":material/\w+:|\b(" + "|".join(NAMES) + r")\b", "", node.value)
            if WORDS.search(words) and not re.fullmatch(r"[a-z_]+( [a-z_]+)+", words):
                yield file, node.value


def test_pages_say_nothing_but_texts() -> None:
    assert list(_stray_in_python()) == []


# Attributes and properties that people see or hear, set to a literal in the script.
SHOWN = re.compile(
    r"""(?:\b(?:textContent|innerText|title|placeholder|alt|ariaLabel|label|innerHTML)|["']aria-(?:label|description|valuetext)["'])"""
    r"""\s*(?:[:,]|=(?!=))\s*(["'`])(?=[^"'`]*[A-Za-z\u4e00-\u9fff])(?!\$\{[^}]*\}\1)([^"'`]*)\1"""
)
QUOTED = re.compile(r'"((?:[^"\\\n]|\\.)*)"')


def _stray_in_scripts() -> Iterator[tuple[str, str]]:
    for file, source in scripts().items():
        for match in SHOWN.finditer(source):
            if not match[2].startswith("aria-") and re.search(r"[A-Za-z\u4e00-\u9fff]", re.sub(r"\$\{[^}]*\}", "", match[2])):
                yield file, match[2]
        for words in QUOTED.findall(source):
            rest = KEYBOARD.sub("", words)
            if HAN.search(words) or re.search(r"\b[A-Z][a-z]+ [A-Za-z]|[a-z]{2,}[.!?…]$", rest):
                yield file, words


def test_scripts_say_nothing_but_texts() -> None:
    assert scripts()
    assert list(_stray_in_scripts()) == []


def test_a_message_in_messages_is_told_in_the_readers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "language", lambda: "zh")
    tried = locate.listed(
        [("http://a:1", locate.NOT_OLLAMA), ("http://b:2", Message("no answer within 2 s", "ollama.no_answer", seconds="2"))]
    )
    assert tried == "http://a:1: something answers, but it is not Ollama; http://b:2: no answer within 2 s"
    assert text.message_text(tried) == "http://a:1：有程序响应，但不是 Ollama；http://b:2：2 秒内没有响应"
