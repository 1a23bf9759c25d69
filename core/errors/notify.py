"""Notifications: addresses, and what the other side answers."""

from __future__ import annotations

from core.errors.tree import OutsideCondition, UserError


class NotifyAddressInvalid(UserError):
    """This is not an address that notifications can be sent to."""

    code = "notify_address"


class NotifyAddressLost(UserError):
    """The address of this channel cannot be read: data/secret.key is missing or another. Enter the address again."""

    code = "notify_address_lost"
    status = 409


class NotifyRefused(UserError):
    """The service refuses the message. Check the address and its keys."""

    code = "notify_refused"


class NotifyNotFound(UserError):
    """The service does not know the place that the message is for. Check the address."""

    code = "notify_not_found"


class NotifyTooLarge(UserError):
    """The service takes no message of this size, or its answer is too large."""

    code = "notify_too_large"


class NotifySentOn(UserError):
    """The address sends on to another one, which is not followed. Enter the new address."""

    code = "notify_sent_on"


class NotifyBusy(OutsideCondition):
    """The service asks for fewer messages. It is tried again later."""

    code = "notify_busy"


class NotifyFailed(OutsideCondition):
    """The service could not take the message. It is tried again later."""

    code = "notify_failed"
