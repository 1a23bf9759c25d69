"""Findings as values, and back from JSON."""

from __future__ import annotations

import json

from core.message import Message
from core.ops.doctor.finding import Finding, bad, fine, odd
from core.ops.health import Check


def test_a_finding_survives_json_with_its_messages() -> None:
    finding = odd("card.fails", fix="x", error=Message("it fails", "speech.card_fails", words="it fails"), n=3).found_by("speech")
    back = Finding.from_dict(json.loads(json.dumps(finding.to_dict())))
    assert back == finding and back.examination == "speech"
    error = back.params["error"]
    assert isinstance(error, Message) and error.key == "speech.card_fails"


def test_a_check_of_health_keeps_its_own_sentence() -> None:
    assert Finding.of("disk", Check("warn", "low", "low", {"free_gb": "1"})).key == "health.disk.low"
    assert Finding.of("disk", Check("fail", "x", "error", {"error": "x"})).key == "health.error"
    assert fine("port.free").key == "doctor.port.free"
    assert [each("a").status for each in (fine, odd, bad)] == ["pass", "warn", "fail"]
