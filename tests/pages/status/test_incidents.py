"""Incidents on the status page."""

from __future__ import annotations

from functools import partial

from core.app import CastMind
from core.domain.dependencies import Ability, Effect
from core.domain.incident import Cause, Incident
from core.store.incidents import incidents
from tests.pages.conftest import Open


def test_there_are_none_at_first(castmind: CastMind, opened: Open) -> None:
    assert "No incidents so far." in [each.value for each in opened("status/page.py").caption]


def test_the_latest_are_shown_with_their_effects(castmind: CastMind, opened: Open) -> None:
    causes = (Cause("crash", "untold", 1_760_000_000.0, 1_760_000_090.0),)
    over = Incident(0, 1_760_000_000.0, 1_760_000_090.0, causes, {Ability.NOTES: Effect.WAITS})
    lasts = Incident(0, 1_760_000_500.0, None, (Cause("ollama", "absent", 1_760_000_500.0),))
    for incident in (over, lasts):
        castmind._store.write(partial(incidents.put, incident=incident, log=()))
    page = opened("status/page.py")
    labels = [each.label for each in page.expander]
    assert any("Ollama · not over yet" in label for label in labels) and any("CastMind was killed" in label for label in labels)
    assert any("Waited" in each.value for each in page.markdown)
