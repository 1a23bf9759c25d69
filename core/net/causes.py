"""Map exceptions of httpcore, ssl and socket to errors by cause, one for each cause that a person can fix.

connecting   unknown host, connection refused, no answer ─▶ subclasses of NetworkUnreachable
encrypting   certificate (expired, self-signed, of another host, issuer unknown), no TLS ─▶ subclasses of DownloadFailed
afterwards   read timeout, early end of the body ─▶ TimedOut, BrokenOff
"""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from typing import TypeVar

from core import errors

E = TypeVar("E", bound=BaseException)
_UNKNOWN = "comes from an issuer that is not known here, or the server leaves a link of its chain out"
# OpenSSL's X509_V_ERR_…
_CERTIFICATE: dict[int, tuple[type[errors.CertificateInvalid], str]] = {
    9: (errors.CertificateNotYetValid, "is not valid yet; is the clock of this computer right?"),
    10: (errors.CertificateExpired, "has expired, which its owner has to mend; is the clock of this computer right?"),
    18: (errors.CertificateSelfSigned, "was signed by the server itself, so nobody vouches for it"),
    19: (errors.CertificateSelfSigned, "comes from an authority that vouches for itself alone, as in networks that read along"),
    20: (
        errors.CertificateIssuerUnknown,
        _UNKNOWN,
    ),
    21: (
        errors.CertificateIssuerUnknown,
        _UNKNOWN,
    ),
    62: (errors.CertificateOfAnother, "is for another host than this"),
    64: (errors.CertificateOfAnother, "is for another host than this"),
}


def of_connecting(error: BaseException, host: str, port: int) -> errors.NetworkUnreachable:
    """Return the error for a host none of whose addresses accepted a connection."""
    number = next((e.errno for e in _chain(error) if isinstance(e, OSError) and e.errno), None)
    if _find(error, ConnectionRefusedError) or number == errno.ECONNREFUSED:
        return errors.ConnectionRefused(
            f"{host} refuses connections on port {port}: nothing listens there now. What was there is kept.", host=host, port=port
        )
    if any(isinstance(e, TimeoutError) or "Timeout" in type(e).__name__ for e in _chain(error)):
        return errors.NoAnswer(f"{host} does not answer on port {port}. What was there is kept.", host=host, port=port)
    return errors.NetworkUnreachable(f"{host} does not answer on port {port} ({error}). What was there is kept.", host=host)


def of_resolving(error: BaseException, host: str) -> errors.NetworkUnreachable:
    """Return the error for a host name that did not resolve."""
    if isinstance(error, socket.gaierror) and error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", -5)):
        return errors.NameUnknown(
            f"There is no host named {host} (it cannot be resolved). Check the address; what was there is kept.", host=host
        )
    return errors.NetworkUnreachable(
        f"The name {host} cannot be resolved ({error}). Check the address and this computer's network; what was there is kept.",
        host=host,
    )


def of_transfer(error: BaseException, where: str, host: str) -> errors.CastMindError:
    """Return the error for a request that an exception of the HTTP library ended. `where`: its URL, safe to show in messages."""
    if (refused := _find(error, ssl.SSLCertVerificationError)) or "CERTIFICATE_VERIFY_FAILED" in str(error):
        return _of_certificate(refused, error, where, host)
    names = {type(e).__name__ for e in _chain(error)}
    if _find(error, ssl.SSLError) and not names & {"ReadError", "RemoteProtocolError"}:
        return errors.TlsFailed(
            f"No encrypted connection came about with {where} ({_find(error, ssl.SSLError)}). Nothing was fetched; perhaps it "
            "speaks http alone, or is too old.",
            host=host,
        )
    if "ConnectTimeout" in names:
        return errors.NoAnswer(f"{where} does not answer. What arrived is kept.", host=host)
    if "ConnectError" in names:
        return errors.NetworkUnreachable(f"{where} cannot be reached ({error}). What arrived is kept.", host=host)
    if any(name.endswith("Timeout") or name == "TimeoutException" for name in names):
        return errors.TimedOut(f"{where} stopped answering, or took too long. What arrived is kept.", host=host)
    return errors.BrokenOff(f"The transfer from {where} broke off ({error}). What arrived is kept.", host=host)


def _of_certificate(
    refused: ssl.SSLCertVerificationError | None, error: BaseException, where: str, host: str
) -> errors.CertificateInvalid:
    number = refused.verify_code if refused else 0
    kind, why = _CERTIFICATE.get(number, (errors.CertificateInvalid, f"is not valid ({error})"))
    return kind(f"The certificate of {where} {why}. Nothing was fetched from it.", host=host)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _find(error: BaseException, kind: type[E]) -> E | None:
    return next((e for e in _chain(error) if isinstance(e, kind)), None)
