"""The fixtures of the engine and of subscriptions."""

from __future__ import annotations

from tests.engine_fixtures import host, house, plans_of_statements, rig, speech, store

__all__ = ["host", "house", "plans_of_statements", "rig", "speech", "store"]
