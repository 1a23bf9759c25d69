"""Errors for a feed that could not be added, or moved to a new URL: a short cause, and the consequence."""

from __future__ import annotations

from typing import Any

from core import errors
from core.domain.feeds.feed_address import shown

_CAUSES: tuple[tuple[type[errors.CastMindError], str], ...] = (
    (errors.NameUnknown, "is on a host that doesn’t exist"),
    (errors.ConnectionRefused, "refuses connections"),
    (errors.NetworkUnreachable, "can’t be reached"),
    (errors.CertificateExpired, "has an expired certificate"),
    (errors.CertificateSelfSigned, "has a self-signed certificate, which nobody vouches for"),
    (errors.CertificateOfAnother, "has a certificate for a different host"),
    (errors.CertificateInvalid, "has an invalid certificate"),
    (errors.TlsFailed, "doesn’t accept secure connections"),
    (errors.RedirectsInCircle, "redirects in a circle"),
    (errors.TooManyRedirects, "redirects too many times"),
    (errors.TimedOut, "stopped responding"),
    (errors.BadCompression, "uses an unsupported compression format"),
    (errors.ServerBusy, "is busy right now"),
    (
        errors.FeedForbidden,
        "refuses CastMind (status 403); it may accept another user agent, which you can set under Private feed",
    ),
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
    usual = f"returned status {status}" if status else "didn’t send the whole feed"
    return f"{shown(address)} {next((words for kind, words in _CAUSES if isinstance(cause, kind)), usual)}"
