"""The pages over a real CastMind with a data folder of its own, without Ollama."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import app, settings
from tests.new_database import new_database

PROJECT = Path(__file__).resolve().parent.parent.parent
Open = Callable[..., AppTest]


@pytest.fixture
def castmind(tmp_path: Path) -> Iterator[app.CastMind]:
    new_database(tmp_path / "data")
    environ = {
        "CASTMIND_ENV": "test",
        "CASTMIND_DATA_DIR": str(tmp_path / "data"),
        "CASTMIND_ALLOWED_PRIVATE_HOSTS": "127.0.0.1",
        "CASTMIND_NOTES_ENGINE": "extractive",
        "CASTMIND_WHISPER_MODEL": "demo",
        "CASTMIND_DEVICE": "cpu",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        made = app.build(settings.load())
        made.start()
        try:
            yield made
        finally:
            made.stop()


@pytest.fixture
def opened(castmind: app.CastMind) -> Open:
    def open_page(page: str = "library/page.py", **query: str) -> AppTest:
        test = AppTest.from_file(str(PROJECT / "pages" / "shell.py"), default_timeout=60)
        for name, value in query.items():
            test.query_params[name] = value
        test.run()
        if page != "library/page.py":
            test.switch_page(page).run()
        assert not test.exception, test.exception
        return test

    return open_page
