"""Backups, and putting them back."""

from __future__ import annotations

from core.errors.tree import CastMindError, Conflict, OutsideCondition, UserError


class BackupRunning(Conflict):
    """A backup is being made already. Wait until it is finished, or cancel it."""

    code = "backup_running"


class VerifyRunning(Conflict):
    """A backup is being verified already. Wait until that is finished, or cancel it."""

    code = "verify_running"


class BackupForeign(UserError):
    """The file is not a backup of CastMind. Nothing was changed."""

    code = "backup_foreign"


class BackupDamaged(UserError):
    """The backup is cut short, or its bytes are not those that were written. Nothing was changed."""

    code = "backup_damaged"


class BackupUnreadable(UserError):
    """The file of the backup cannot be read. Whether it is whole is not known."""

    code = "backup_unreadable"


class BackupUnsafe(UserError):
    """The backup holds names or sizes that no backup of CastMind has. Nothing of it was unpacked."""

    code = "backup_unsafe"


class BackupTooNew(UserError):
    """The backup was made by a newer CastMind than this one. Nothing was changed; update CastMind first."""

    code = "backup_too_new"


class BackupNoRoom(UserError):
    """The disk has too little room for this. Nothing was changed."""

    code = "backup_no_room"
    status = 507


class BackupFailed(CastMindError):
    """The backup could not be made. What was there is as it was."""

    code = "backup_failed"


class RestoreFailed(CastMindError):
    """The backup could not be restored. What was there before is back."""

    code = "restore_failed"


class Restoring(OutsideCondition):
    """A backup is being restored. The library is back in a moment."""

    code = "restoring"
    retry_after = 5.0
