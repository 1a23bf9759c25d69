"""Errors for a feed that could not be added, or moved to a new URL: a short cause, and the consequence."""

from __future__ import annotations

from typing import Any

from core import errors
from core.domain.feeds.feed_address import shown

_CAUSES: tuple[tuple[type[errors.CastMindError], str], ...] = (
    (errors.NameUnknown, "has a host that does not exist"),
    (errors.ConnectionRefused, "has a host that takes no connections"),
    (errors.NetworkUnreachable, "cannot be reached"),
    (errors.CertificateExpired, "has a certificate that has expired"),
    (errors.CertificateSelfSigned, "has a certificate that nobody vouches for (self-signed)"),
    (errors.CertificateOfAnother, "has a certificate for another host"),
    (errors.CertificateInvalid, "has a certificate that is not valid"),
    (errors.TlsFailed, "takes no encrypted connection"),
    (errors.RedirectsInCircle, "is passed on in a circle"),
    (errors.TooManyRedirects, "is passed on too often"),
    (errors.TimedOut, "stopped answering"),
    (errors.BadCompression, "is compressed in a way that cannot be read"),
    (errors.ServerBusy, "asks to come back later"),
    (errors.FeedForbidden, "refuses this program (status 403); another user agent, under Private feed, may be let in"),
)


def not_added(address: str, cause: errors.CastMindError) -> errors.FeedNotAdded:
    return errors.FeedNotAdded(
        f"{_why(address, cause)}. The feed was not added; check the address, or try again later.", **_params(address, cause)
    )


def not_changed(address: str, cause: errors.CastMindError) -> errors.AddressNotChanged:
    return errors.AddressNotChanged(
        f"{_why(address, cause)}. The feed stays where it was; check the address, or try again.", **_params(address, cause)
    )


def _params(address: str, cause: errors.CastMindError) -> dict[str, Any]:
    """Return the parameters of the message. `why` is the key of a text of the pages (`why.…`); the others fill that text."""
    status = cause.params.get("status")
    usual = "status" if status else "cut_short"
    why = next((kind.code for kind, _ in _CAUSES if isinstance(cause, kind)), usual)
    return {**cause.params, "cause": cause.code, "why": why, "address": shown(address), "status": status or ""}


def _why(address: str, cause: errors.CastMindError) -> str:
    status = cause.params.get("status")
    usual = f"answers with status {status}" if status else "did not send the whole feed"
    return f"{shown(address)} {next((words for kind, words in _CAUSES if isinstance(cause, kind)), usual)}"
