from __future__ import annotations

import copy
import json

from core.errors import BackupNoRoom
from core.message import Message, from_record, record

INNER = Message("the driver is old", "speech.driver_too_old", function="cuInit")
OUTER = Message(f"The CPU is used: {INNER}", "speech.cpu", problem=INNER, tries=2)


def test_a_message_is_its_english_text() -> None:
    assert OUTER == "The CPU is used: the driver is old"
    assert json.dumps({"reason": OUTER}) == '{"reason": "The CPU is used: the driver is old"}'


def test_a_message_comes_through_json_with_those_that_it_holds() -> None:
    back = from_record(json.loads(json.dumps(record(OUTER))))
    assert isinstance(back, Message)
    assert (back, back.key, back.params) == (OUTER, "speech.cpu", {"problem": INNER, "tries": 2})
    problem = back.params["problem"]
    assert isinstance(problem, Message) and (problem.key, problem.params) == (INNER.key, {"function": "cuInit"})


def test_any_other_text_and_none_come_through_too() -> None:
    assert from_record(record("as it stands")) == "as it stands"
    assert from_record(record(None)) is None


def test_a_copy_keeps_the_key() -> None:
    assert copy.deepcopy(OUTER).key == OUTER.key


def test_an_error_is_a_message_under_its_code() -> None:
    said = Message.of(BackupNoRoom("Too little room.", needed=5))
    assert (said, said.key, said.params) == ("Too little room.", "error.backup_no_room", {"needed": 5})
