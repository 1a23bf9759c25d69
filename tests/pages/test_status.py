"""The status page: what the checks found in the reader's language, the remedies where they are seen."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from core.app import CastMind
from core.ops import health
from core.ops.health import Check, CheckFunction
from core.pipeline.language_model import OllamaState
from core.speech.request import Probe
from pages.text import texts
from tests.pages.conftest import Open

CHINESE = re.compile("[\u4e00-\u9fff]")
AWAY = OllamaState(None, "", (), None, "", (("http://127.0.0.1:11434", "no connection"),))
EMPTY = OllamaState("http://h", "0.13.0", (), None, "", ())
LACKS = OllamaState("http://h", "0.13.0", (), None, "qwen3:4b", ())
THERE = OllamaState("http://h", "0.13.0", ("qwen3:4b",), "qwen3:4b", "", ())


def probe(*, present: bool = True, error: str | None = None) -> Probe:
    return Probe("cpu", "A Processor", "int8", "small", present, "", cuda_error=error)


def every_finding(castmind: CastMind) -> dict[str, list[Check]]:
    """All that the checks can find, by the name that the report gives them."""
    folder = castmind.data
    mounts = [(kind, kernel) for kind in ("ext4", "9p") for kernel in ("6.8.0-generic", "5.15-microsoft-standard-WSL2")]
    table = "1 0 0:1 / / rw - {} source rw\n"
    return {
        "database": [health.database(castmind.library._store)],
        "disk": [health.disk(folder, 0), health.disk(folder, 1e9)],
        "data_folder": [*(health.mount(folder, table.format(k), r) for k, r in mounts), health.mount(folder, "", "")],
        "ollama": [*(health.ollama(s) for s in (AWAY, EMPTY, LACKS, THERE)), health.ollama(AWAY, wanted=False)],
        "speech": [health.speech(p) for p in (None, probe(), probe(error="no driver"), probe(present=False))],
        "pipeline": [health.pipeline(True), health.pipeline(False)],
    }


def test_whatever_a_check_finds_has_a_text_in_both_languages(castmind: CastMind) -> None:
    for name, found in every_finding(castmind).items():
        for check in found:
            for language in ("en", "zh"):
                said = texts(language)[f"health.{name}.{check.code}"].format(**check.params)
                assert said and "{" not in said


@pytest.fixture
def report(castmind: CastMind, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    def replaced(**checks: CheckFunction) -> None:
        monkeypatch.setattr(castmind, "_health", health.Health(checks, version="1"))

    return replaced


def words(page: AppTest) -> str:
    return "\n".join(str(element.value) for element in [*page.markdown, *page.caption, *page.warning])


def test_a_folder_of_windows_is_warned_of_with_the_remedy(castmind: CastMind, opened: Open, report) -> None:  # type: ignore[no-untyped-def]
    table = "1 0 0:1 / / rw - 9p drvfs rw\n"
    report(data_folder=lambda: health.mount(castmind.data, table, "5.15-microsoft-standard-WSL2"))
    for language in ("en", "zh"):
        castmind.preferences.save("language", language)
        (warning,) = opened("status.py").warning
        assert "WSL2" in warning.value and "castmind" in warning.value and "9p" in warning.value
        assert bool(CHINESE.search(warning.value)) == (language == "zh")


def test_what_fails_is_told_in_chinese_too(castmind: CastMind, opened: Open, report) -> None:  # type: ignore[no-untyped-def]
    def broken() -> Check:
        raise OSError("the *disk* is gone")

    castmind.preferences.save("language", "zh")
    report(database=broken, pipeline=lambda: health.pipeline(False), disk=lambda: health.disk(castmind.data, 1e9))
    said = [line for line in words(opened("status.py")).splitlines() if "material/error" in line or "material/warning" in line]
    assert len(said) == 3 and all(CHINESE.search(line.partition("**: ")[2]) for line in said)
    assert any("the \\*disk\\* is gone" in line for line in said)


def test_notes_that_are_extracted_by_choice_miss_no_ollama(opened: Open) -> None:
    page = opened("status.py")
    assert not page.warning
    assert texts("en")["status.notes_off"] in words(page)
    assert "status.look_again" not in [button.key for button in page.button]
