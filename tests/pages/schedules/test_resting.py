from __future__ import annotations

import time

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.schedules.quiet_hours import Quiet
from core.message import Message
from pages.schedules import resting
from tests.pages.conftest import Open


def test_the_queue_says_why_nothing_is_transcribed_and_goes_on(castmind: CastMind, opened: Open) -> None:
    assert not [each for each in opened("queue/page.py").button if each.key == "resume.queue"]
    castmind.quiet_hours.rest_until(OWNER, time.time() + 3600.0)
    page = opened("queue/page.py")
    assert any("Transcribing and notes rest until" in each.value for each in page.markdown)
    page.button(key="resume.queue").click().run()
    assert castmind.quiet_hours.now(OWNER) is None


def test_a_program_has_no_end_and_its_name_is_no_markdown() -> None:
    now = Quiet(Message("*x* is running", "rest.process", name="*x*"))
    assert resting.words(now) == r"Transcribing and notes rest: \*x\* is running."
