"""Incidents for pages and routes (`castmind.incidents`): the list, and the report of one in a language."""

from __future__ import annotations

from core.domain.accounts.actor import Actor
from core.domain.incident import Incident
from core.ops.incidents import report
from core.store.db.database import Store
from core.store.incidents import incidents


class IncidentService:
    """Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def listing(self, actor: Actor) -> list[Incident]:
        """Return all incidents that are kept, newest first."""
        return incidents.listing(self._store.read())

    def report(self, actor: Actor, incident_id: int, language: str) -> str:
        """Return the report as Markdown. Raises NotFound."""
        incident, log = incidents.get(self._store.read(), incident_id)
        return report.markdown(incident, log, language)
