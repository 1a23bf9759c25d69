"""The schema, as numbered migrations: append-only, one transaction each. A released one is never edited.

The modules are imported in the order in which their migrations run.
"""

from __future__ import annotations

from core.store.migrations.steps import migrations

# isort: off
from core.store.migrations import library, reading, search, sources, hearing
from core.store.migrations.feeds import polling
from core.store.migrations.jobs import crashes
from core.store.migrations.feeds import standing
from core.store.migrations.jobs import listed
from core.store.migrations.feeds import replaced_audio, folders
from core.store.migrations.jobs import faults
from core.store.migrations.feeds import pages
from core.store.migrations import heard
from core.store.migrations.feeds import bounds
from core.store.migrations.jobs import job_steps, tasks
from core.store.migrations.accounts import reading_states, mark_bits
from core.store.migrations.jobs import better_notes
from core.store.migrations.notify import notifications
from core.store.migrations.jobs import trends, incidents
from core.store.migrations.accounts import sign_in, identities
from core.store.migrations.jobs import schedules

# isort: on

__all__ = [
    "better_notes",
    "bounds",
    "crashes",
    "faults",
    "folders",
    "heard",
    "hearing",
    "identities",
    "incidents",
    "job_steps",
    "library",
    "listed",
    "mark_bits",
    "migrations",
    "notifications",
    "pages",
    "polling",
    "reading",
    "reading_states",
    "replaced_audio",
    "schedules",
    "search",
    "sign_in",
    "sources",
    "standing",
    "tasks",
    "trends",
]
