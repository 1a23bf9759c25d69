"""Each reason has a text in both languages, and fills its places."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path

import pytest

from core.message import Message
from core.speech import device_messages

TEXT = Path(__file__).resolve().parents[2] / "pages" / "text"
EXAMPLES = {str: "x", float: 7.25, int: 4}


def every() -> list[Message]:
    constants = [value for value in vars(device_messages).values() if isinstance(value, Message)]
    made = []
    for make in vars(device_messages).values():
        if inspect.isfunction(make) and make.__module__ == device_messages.__name__:
            kinds = inspect.get_annotations(make, eval_str=True)
            kinds.pop("return")
            made.append(make(**{name: ValueError("x") if kind is Exception else EXAMPLES[kind] for name, kind in kinds.items()}))
    # The words of an error of the probe itself are those of the error.
    return [each for each in constants + made if each.key != device_messages.NOT_TRIED]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("message", every(), ids=lambda message: message.key)
def test_a_reason_is_translated_and_its_places_are_filled(message: Message, language: str) -> None:
    text = json.loads((TEXT / f"{language}.json").read_text(encoding="utf-8"))[message.key]
    assert set(re.findall(r"\{(\w+)", text)) <= message.params.keys()


def test_a_reason_in_a_reason_keeps_its_own_translation() -> None:
    told = device_messages.both(device_messages.CPU_WANTED, device_messages.MODEL_WANTED)
    assert told == "The CPU is what the settings ask for; the model is the one asked for."
    assert told.params["why"] is device_messages.MODEL_WANTED
