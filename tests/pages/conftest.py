"""The pages over a real CastMind with a data folder of its own, without Ollama."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import app, settings
from core.speech.client.client import SpeechClient
from core.speech.request import Probe, SpeechRequest
from tests.new_database import new_database

PROJECT = Path(__file__).resolve().parent.parent.parent
Open = Callable[..., AppTest]
_ask = SpeechClient.probe
_probes: dict[tuple[str, str], Probe] = {}


def probe_once(
    client: SpeechClient,
    request: SpeechRequest,
    *,
    fresh: bool = False,
    timeout: float = 120.0,
    check: Callable[[], None] = lambda: None,
) -> Probe:
    """A starting CastMind lets a speech worker probe this computer, which takes 1.4 s of processor time: for the demo model,
    which is part of the project, all starts share the first answer.
    """
    if request.model != "demo":
        return _ask(client, request, fresh=fresh, timeout=timeout, check=check)
    wanted = (request.device, request.compute_type)
    if wanted not in _probes:
        _probes[wanted] = _ask(client, request, fresh=fresh, timeout=timeout, check=check)
    return _probes[wanted]


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
        patch.setattr(SpeechClient, "probe", probe_once)
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
