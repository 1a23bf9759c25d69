"""Background tasks (`castmind.tasks`) for pages, routes and commands: running tasks, their progress, cancellation.

The service that owns the work starts the task (`core.services.library.bulk_task.begin`, …).
"""

from core.background.tasks import Tasks

__all__ = ["Tasks"]
