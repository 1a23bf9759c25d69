"""The page of the doctor: run it, what is wrong with what to do, a fix with what it will do."""

from __future__ import annotations

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.ops.doctor import examinations
from tests.pages.conftest import Open

TABLE = tuple(each for each in examinations.EXAMINATIONS if each.name in ("secrets", "clock"))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    kwdefaults = examinations.examine.__kwdefaults__
    monkeypatch.setattr(examinations.examine, "__kwdefaults__", kwdefaults | {"examinations": TABLE})


def examined(castmind: CastMind) -> None:
    task = castmind.doctor.running(OWNER) or castmind.doctor.start(OWNER)
    castmind._tasks.wait(task.id)


def test_before_the_first_run_it_says_so_and_offers_one(castmind: CastMind, opened: Open) -> None:
    page = opened("doctor/page.py")
    assert "Not examined since CastMind was started." in page.info[0].value
    page.button(key="doctor.run").click().run()
    examined(castmind)
    page = opened("doctor/page.py")
    assert page.header[0].value.startswith("All is well") and not page.exception


def test_a_fix_says_what_it_will_do_and_does_it(castmind: CastMind, opened: Open) -> None:
    key = castmind.data / "secret.key"
    key.write_text("key")
    key.chmod(0o644)
    examined(castmind)
    page = opened("doctor/page.py")
    said = " ".join(each.value for each in page.caption)
    assert "Run chmod 600 on it" in said and "Would make" in said
    page.button(key="doctor.fix.0").click().run()
    assert key.stat().st_mode & 0o777 == 0o600 and not page.exception
    examined(castmind)
    assert not [each for each in opened("doctor/page.py").button if each.key == "doctor.fix.0"]


def test_it_speaks_chinese(castmind: CastMind, opened: Open) -> None:
    castmind.settings.save(OWNER, "language", "zh")
    examined(castmind)
    page = opened("doctor/page.py")
    assert page.title[0].value == "系统诊断" and "一切正常" in page.header[0].value
