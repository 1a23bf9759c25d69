"""Who a sign-in provider (OpenID Connect) says somebody is, and which of its people may come in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_SUBJECT = 255


@dataclass(frozen=True, slots=True)
class Identity:
    """One person at a provider. `issuer` and `subject` name them for ever; `label` is what they call themselves there."""

    issuer: str
    subject: str
    label: str


@dataclass(frozen=True, slots=True)
class ProvenIdentity(Identity):
    """An identity whose token was checked a moment ago. `claims`: all that the token says."""

    claims: Mapping[str, Any]


def label_of(claims: Mapping[str, Any]) -> str:
    """Return the name by which a person knows their account at the provider; "" if the token says none."""
    for name in ("preferred_username", "email", "name", "nickname"):
        value = claims.get(name)
        if isinstance(value, str) and value.strip().isprintable() and value.strip():
            return value.strip()[:200]
    return ""


def is_admitted(claims: Mapping[str, Any], rules: Iterable[str]) -> bool:
    """Return whether a token fulfils one of the rules `claim=value`; without rules, everybody is admitted.

    A claim that is a list fulfils the rule if the value is in it. An e-mail address counts only if the provider has verified it.
    """
    wanted = [tuple(part.strip() for part in rule.partition("=")[::2]) for rule in rules]
    return not wanted or any(_has(claims, name, value) for name, value in wanted)


def _has(claims: Mapping[str, Any], name: str, value: str) -> bool:
    said = claims.get(name)
    if name == "email":
        same = isinstance(said, str) and said.casefold() == value.casefold()
        return same and claims.get("email_verified") is True
    return value in said if isinstance(said, list) else isinstance(said, str) and said == value
