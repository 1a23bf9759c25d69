"""Take secrets out of text before it is logged, bundled or sent: the one place that knows what they look like.

    text ─▶ redact ─▶ what is telling by its name   token=…  "password": "…"  Authorization: …  Cookie: …
                      what is telling by its form   user:password@  Fernet and JWT  tokens of CastMind and others  private keys
                      what is telling by its place  addresses of notification services, keys in paths, a user's home folder
    a row ─▶ redact_row ─▶ the same in each value, however deep; values whose name is telling are left out whole

What stays is meant to be read: hosts, paths, harmless parameters. `feed_address.shown` is stricter: it is for one address alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.domain.feeds.feed_address import looks_like_key

HIDDEN = "***"

# Deeper values are shown as their type: a log line holds no documents.
_DEEPEST = 6

_TELLING_NAME = re.compile(
    r"(?i)[\w-]*?(?:token|secret|passw(?:or)?d|passphrase|api[_-]?key|auth(?!or(?:s|ed|ship|ity)?(?![a-z]))|signature|access[_-]?key"
    r"|private[_-]?key|credential|session)[\w-]*|key|sig|pwd|pw|hmac|otp|totp|code_verifier|(?:set[_-])?cookies?|sealed"
)
# Names that hold such a word and no secret.
_HARMLESS = re.compile(r"(?i)(?:\w+_)?tokens|tokens?_(?:count|per_second)|session_count")
_LONGEST_NAME = 60

# Foreign text is logged too, so each pattern takes time in proportion to it: names are bounded, and start at a boundary.
_USER_INFO = re.compile(r"(?<=://)[^\s/?#\"'<>]*@")
# name=value, as in queries, also in a query that is the value of another one.
_NAME = re.compile(rf"(?i)(?:(?<![\w-])|(?<=%3F)|(?<=%26))([\w-]{{1,{_LONGEST_NAME}}})(?:=|%3D)")
_PARAMETER = re.compile(r"[^\s&#\"'<>;,)]+")
# 'name': 'value' and "name": "value", as dictionaries and JSON are printed; the value may hold escaped quotes.
_QUOTED = re.compile(
    rf"([\"'])([\w-]{{1,{_LONGEST_NAME}}})\1(\s{{0,3}}[:=]\s{{0,3}})(?:b?\"(?:[^\"\\]|\\.)*+\"|b?'(?:[^'\\]|\\.)*+')"
)
_HEADER = re.compile(
    r"(?i)\b((?:proxy-)?authorization[\"']?\s*+[:=]\s*+[\"']?(?:basic|bearer|digest|token)?\s*+"
    r"|(?:basic|bearer)\s++(?=[\w.~+/-]{12}))[^\s\"',]+"
)
_OTHER_HEADER = re.compile(rf"(?im)\b((?:set-)?cookie|x-[\w-]{{1,{_LONGEST_NAME}}})(\s{{0,3}}:\s*+)(?![\"']?\*\*\*)[^\r\n\"']+")
_WORDED = re.compile(
    r"(?i)\b(password|passphrase|secret|api[ _-]?key|token)(\s{0,3}:\s++)(?=[^\s\"',;]*[\d_$!@#%^&*-])[^\s\"',;]{6,}"
)
_BY_FORM = re.compile(
    r"gAAAAA[\w-]{40,}={0,2}"  # Fernet
    r"|\beyJ[\w-]{8,2000}+\.[\w-]{8,4000}+\.[\w-]*"  # JWT
    r"|\bcm[a-z]{0,3}_[A-Za-z0-9_-]{20,}"  # CastMind's own
    r"|\b(?:gh[pousr]|github_pat|glpat|xox[abeoprs]|sk|pk|hf)[_-][A-Za-z0-9_-]{16,}"
    r"|\bAKIA[0-9A-Z]{16}\b"
    r"|\$argon2id?\$[^\s\"']+"
)
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,20}PRIVATE KEY-----|$)", re.DOTALL)
# Notification services have schemes of their own: user, token and room stand where a host and a path would.
_KNOWN_SCHEMES = "https?|wss?|ftp|file|feed|podcast|itpc|pcast|sqlite|data|blob|about|urn|otpauth"
_SERVICE = re.compile(rf"(?i)(?<![\w+.-])((?!(?:{_KNOWN_SCHEMES})://)[a-z][a-z0-9+.-]{{1,30}}://)[^\s\"'<>,]+")
_OTP = re.compile(r"(?i)\botpauth://[^\s\"'<>]+")
# Webhooks of services at plain addresses: all behind the host is the secret.
_WEBHOOK = re.compile(
    r"(?i)(https?://(?:hooks\.slack\.com/services|(?:\w+\.)?discord(?:app)?\.com/api/webhooks|api\.telegram\.org/bot"
    r"|[\w.-]{1,100}\.webhook\.office\.com|maker\.ifttt\.com/trigger|ntfy\.sh|api\.day\.app|sctapi\.ftqq\.com"
    r"|oapi\.dingtalk\.com/robot|qyapi\.weixin\.qq\.com/cgi-bin/webhook|open\.feishu\.cn/open-apis/bot))[^\s\"'<>,)]+"
)
_PATH = re.compile(r"(?i)(https?://[^\s/?#\"'<>]+)(/[^\s?#\"'<>]*)")
_HOME = re.compile(r"(?<![\w.])(/home/|/Users/|[A-Za-z]:\\Users\\)[^/\\\s\"':,;)]+")


def redact(text: str) -> str:
    """Return the text with `***` in place of each secret. Idempotent; what is redacted once is not found again."""
    if "PRIVATE KEY" in text:
        text = _PRIVATE_KEY.sub(HIDDEN, text)
    if "://" in text:
        text = _in_addresses(text)
    if ":" in text or "=" in text:
        text = _by_name(text)
    text = _HEADER.sub(rf"\1{HIDDEN}", text)
    return _HOME.sub(rf"\1{HIDDEN}", _BY_FORM.sub(HIDDEN, text))


def redact_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row with every value redacted; the value under a telling name is hidden whole."""
    return _row(row, _DEEPEST)


def is_telling(name: str) -> bool:
    """Return whether a value under this name is a secret, whatever it looks like."""
    return bool(_TELLING_NAME.fullmatch(name[:_LONGEST_NAME])) and not _HARMLESS.fullmatch(name)


def _row(row: Mapping[Any, Any], deeper: int) -> dict[str, Any]:
    return {str(name): HIDDEN if value and is_telling(str(name)) else _value(value, deeper) for name, value in row.items()}


def _value(value: Any, deeper: int) -> Any:
    match value:
        case str():
            return redact(value)
        case bool() | int() | float() | None:
            return value
        case bytes():
            return redact(value.decode("utf-8", "replace"))
        case _ if not deeper:
            return f"<{type(value).__name__}>"
        case Mapping():
            return _row(value, deeper - 1)
        case Sequence() | set() | frozenset():
            return [_value(inner, deeper - 1) for inner in value]
    return redact(str(value))


def _in_addresses(text: str) -> str:
    text = _OTP.sub(f"otpauth://{HIDDEN}", _USER_INFO.sub(f"{HIDDEN}@", text))
    text = _SERVICE.sub(rf"\1{HIDDEN}", _WEBHOOK.sub(rf"\1/{HIDDEN}", text))
    return _PATH.sub(lambda found: found[1] + "/".join(HIDDEN if looks_like_key(p) else p for p in found[2].split("/")), text)


def _by_name(text: str) -> str:
    text = _QUOTED.sub(lambda f: f'{f[1]}{f[2]}{f[1]}{f[3]}"{HIDDEN}"' if is_telling(f[2]) else f[0], text)
    text = _without_parameters(text)
    text = _OTHER_HEADER.sub(lambda f: f"{f[1]}{f[2]}{HIDDEN}" if is_telling(f[1]) else f[0], text)
    return _WORDED.sub(rf"\1\2{HIDDEN}", text)


def _without_parameters(text: str) -> str:
    pieces, at = [], 0
    while found := _NAME.search(text, at):
        pieces.append(text[at : found.end()])
        at = found.end()
        if is_telling(found[1]) and (value := _PARAMETER.match(text, at)):
            pieces.append(HIDDEN)
            at = value.end()
    return "".join([*pieces, text[at:]])
