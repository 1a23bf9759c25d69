"""The database, and the folder and the disk that hold it."""

from __future__ import annotations

from core.errors.tree import OutsideCondition, StartError


class DatabaseBusy(OutsideCondition):
    """Another program holds the database. Nothing of this was changed; try again in a moment, or close that program."""

    code = "database_busy"
    retry_after = 5.0


class WriterEnded(OutsideCondition):
    """The thread that saves changes ended during this one, and was started again. Nothing of it was changed; try again."""

    code = "writer_ended"
    retry_after = 1.0


class DatabaseGone(OutsideCondition):
    """The database was deleted or replaced while CastMind runs. Nothing more is saved; stop CastMind, then start it again."""

    code = "database_gone"
    retry_after = 60.0


class DatabaseUnwritable(OutsideCondition):
    """The database cannot be written. What was saved before is kept; look after its folder and its disk."""

    code = "database_unwritable"
    retry_after = 30.0


class DiskFull(OutsideCondition):
    code = "disk_full"
    status = 507
    retry_after = 60.0


class DataFolderLocked(StartError):
    code = "data_folder_locked"


class DataFolderNotWritable(StartError):
    code = "data_folder_not_writable"


class DatabaseTooNew(StartError):
    code = "database_too_new"


class MigrationFailed(StartError):
    code = "migration_failed"


class DatabaseDamaged(StartError):
    code = "database_damaged"


class LibraryMissing(StartError):
    """There are recordings, but no database that knows them."""

    code = "library_missing"
