"""The table of kinds: each has a name of its own, and the built-in rows name kinds of it."""

from __future__ import annotations

from core import app
from core.app.schedule_kinds import SCHEDULE_KINDS
from core.domain.accounts.actor import OWNER
from core.services.schedules.builtin import BUILTIN


def test_each_kind_has_a_name_and_each_built_in_row_a_kind(castmind: app.CastMind) -> None:
    names = [kind.name for kind in castmind._schedule_engine.kinds()]
    assert len(set(names)) == len(names) == len(SCHEDULE_KINDS)
    assert {spec.kind for spec in BUILTIN.values()} <= set(names)
    assert castmind.schedules.own_kinds(OWNER) == ["transcribe", "refresh", "backup", "retry_failed", "export"]
