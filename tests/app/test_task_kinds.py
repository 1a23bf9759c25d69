from __future__ import annotations

from core.app import CastMind
from core.app.task_kinds import TASK_KINDS


def test_every_kind_has_a_name_of_its_own(castmind: CastMind) -> None:
    names = [kind(castmind).name for kind in TASK_KINDS]
    assert all(names) and len(set(names)) == len(TASK_KINDS)
