"""Long work in the background (`castmind.tasks`), as pages, routes and commands watch it: what runs, how far it is, a cancel.

It is begun by the service whose work it is (`core.services.library.bulk_task.begin`, …).
"""

from core.background.tasks import Tasks

__all__ = ["Tasks"]
