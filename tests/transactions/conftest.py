"""The fixtures of the engine and of subscriptions."""

from __future__ import annotations

from tests.edited_talk import episode
from tests.engine_fixtures import host, house, plans_of_statements, rig, speech, store

__all__ = ["episode", "host", "house", "plans_of_statements", "rig", "speech", "store"]
