"""Errors of other servers: unreachable, busy, broken off, or not proven by a certificate."""

from __future__ import annotations

from core.errors.tree import OutsideCondition, Permanent, Transient, UserError


class BadAddress(UserError):
    """Only http and https addresses of public hosts are fetched."""

    code = "bad_address"
    status = 422


class NetworkUnreachable(OutsideCondition):
    code = "network_unreachable"
    retry_after = 60.0


class NameUnknown(NetworkUnreachable):
    """There is no host of that name. What was there is kept; check the address."""

    code = "name_unknown"


class ConnectionRefused(NetworkUnreachable):
    """The host is there, but takes no connections. What was there is kept, and it is tried again."""

    code = "connection_refused"


class NoAnswer(NetworkUnreachable):
    """The host does not answer at all. What was there is kept, and it is tried again."""

    code = "no_answer"


class ServerBusy(OutsideCondition):
    """The publisher's server asks to come back later. What arrived is kept."""

    code = "server_busy"
    retry_after = 60.0


class AskedToWait(ServerBusy):
    """The publisher's server asks for a pause (status 429 or 503). What arrived is kept, and it is asked again after it."""

    code = "asked_to_wait"


class FetchingBusy(OutsideCondition):
    """Too much is being fetched from slow servers, or it takes too long. Nothing was lost; look again in a minute."""

    code = "fetching_busy"
    retry_after = 30.0


class DownloadFailed(Transient):
    """The download broke off or did not match its stated length. What arrived is kept."""

    code = "download_failed"


class BrokenOff(DownloadFailed):
    """The transfer ended before all was there. What arrived is kept."""

    code = "broken_off"


class TimedOut(DownloadFailed):
    """The server stopped answering, or took too long. What arrived is kept."""

    code = "timed_out"


class BadCompression(DownloadFailed):
    """What the server sent is compressed in a way that cannot be read. What was there is kept."""

    code = "bad_compression"


class TooManyRedirects(DownloadFailed):
    """The address is passed on from one to the next too often. Nothing was fetched."""

    code = "too_many_redirects"


class RedirectsInCircle(DownloadFailed):
    """The address is passed on in a circle. Nothing was fetched."""

    code = "redirects_in_circle"


class TlsFailed(DownloadFailed):
    """No encrypted connection came about with the server. Nothing was fetched from it."""

    code = "tls_failed"


class CertificateInvalid(DownloadFailed):
    """The certificate of the server is not valid. Nothing was fetched from it."""

    code = "certificate_invalid"


class CertificateExpired(CertificateInvalid):
    """The certificate of the server has expired, or this computer's clock is wrong. Nothing was fetched from it."""

    code = "certificate_expired"


class CertificateNotYetValid(CertificateInvalid):
    """The certificate of the server is not valid yet, or this computer's clock is wrong. Nothing was fetched from it."""

    code = "certificate_not_yet_valid"


class CertificateSelfSigned(CertificateInvalid):
    """The server signed its certificate itself, so nobody vouches for it. Nothing was fetched from it."""

    code = "certificate_self_signed"


class CertificateOfAnother(CertificateInvalid):
    """The certificate of the server is for another host. Nothing was fetched from it."""

    code = "certificate_of_another"


class CertificateIssuerUnknown(CertificateInvalid):
    """Who issued the certificate of the server is not known here. Nothing was fetched from it."""

    code = "certificate_issuer_unknown"


class EnclosureGone(Permanent):
    """The publisher's server has no such audio file, not yet or not any more."""

    code = "enclosure_gone"
