"""The endpoints of a sign-in provider, from its discovery document (OpenID Connect Discovery 1.0)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from core.errors import ProviderFailed

AuthMethod = Literal["client_secret_basic", "client_secret_post", "none"]
PATH = "/.well-known/openid-configuration"
PlainAllowed = Callable[[str, int], bool]
"""Returns whether a host and port may be spoken to without TLS."""


@dataclass(frozen=True, slots=True)
class OpenIdClient:
    """CastMind at a provider, as it was registered there."""

    issuer: str
    client_id: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class Endpoints:
    """`names_itself`: whether the provider says in its answers who it is (RFC 9207). `user_info` is "" where there is none."""

    issuer: str
    authorization: str
    token: str
    keys: str
    user_info: str
    auth_method: AuthMethod
    names_itself: bool


def of(document: Any, client: OpenIdClient, plain_allowed: PlainAllowed) -> Endpoints:
    """Read a discovery document. Raises ProviderFailed for one that is incomplete, insecure, or another provider's."""
    if not isinstance(document, Mapping):
        raise ProviderFailed.answer("its description is no JSON object")
    issuer = _text(document, "issuer")
    # Exactly, as the specification says (another issuer could otherwise speak for this one), but for the slash at the end, which
    # people leave out.
    if issuer.rstrip("/") != client.issuer.rstrip("/"):
        raise ProviderFailed.answer(f"it calls itself {issuer[:200]}, and the setting says {client.issuer}")
    places = {name: _text(document, name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    user_info = _text(document, "userinfo_endpoint") if document.get("userinfo_endpoint") else ""
    for name, place in places.items() | ({("userinfo_endpoint", user_info)} if user_info else set()):
        check_place(place, name, plain_allowed)
    return Endpoints(
        issuer,
        places["authorization_endpoint"],
        places["token_endpoint"],
        places["jwks_uri"],
        user_info,
        _method(document, client),
        document.get("authorization_response_iss_parameter_supported") is True,
    )


def check_place(place: str, name: str, plain_allowed: PlainAllowed) -> None:
    """Raise ProviderFailed unless an address is https, or http of a host where that is allowed."""
    try:
        parts = urlsplit(place)
        host, port = parts.hostname or "", parts.port or 80
    except ValueError:
        raise ProviderFailed.answer(f"its {name} is no address") from None
    if host and not parts.username and (parts.scheme == "https" or (parts.scheme == "http" and plain_allowed(host, port))):
        return
    raise ProviderFailed(
        f"The {name} of the sign-in provider is {place[:200]}, which is not encrypted. Nobody was signed in; use https, or name "
        "its host in allowed_private_hosts if it is in your own network.",
        case="plain",
    )


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not value:
        raise ProviderFailed.answer(f"its description has no {name}")
    return value


def _method(document: Mapping[str, Any], client: OpenIdClient) -> AuthMethod:
    if not client.client_secret:
        return "none"
    offered = document.get("token_endpoint_auth_methods_supported")
    if isinstance(offered, list) and "client_secret_basic" not in offered and "client_secret_post" in offered:
        return "client_secret_post"
    return "client_secret_basic"
