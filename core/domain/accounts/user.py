"""Users, their sessions and their API tokens, as services give them out: never with a secret."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from core.domain.accounts.role import Role, TokenScope
from core.errors import UserError

LONGEST_NAME = 64
# Of the first user, until it chooses another.
FIRST_NAME = "admin"
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class User:
    """`password`: whether one is set; `totp`: whether a second factor is on; `seen_at`: the last use of any session."""

    id: int
    name: str
    role: Role
    created_at: float
    password: bool
    totp: bool
    disabled: bool
    seen_at: float | None = None


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """A signed-in browser. Times are Unix seconds; `agent` is the User-Agent, cut; `address` that of the last use."""

    id: int
    user_id: int
    created_at: float
    seen_at: float
    ends_at: float
    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token without its secret; `hint` is its last four characters."""

    id: int
    user_id: int
    name: str
    hint: str
    scope: TokenScope
    created_at: float
    used_at: float | None
    ends_at: float | None


def name_of(text: str) -> str:
    """Return a user's name as it is stored: NFKC, single spaces. Raises UserError for an empty, long or unprintable one."""
    name = _SPACES.sub(" ", unicodedata.normalize("NFKC", text)).strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise UserError(f"A name has 1 to {LONGEST_NAME} printable characters. Nothing was changed.", case="user_name")
    return name


def key_of(name: str) -> str:
    """Return the form under which names are the same: `Anna`, `anna` and `ＡＮＮＡ`."""
    storable = name.encode("utf-8", "replace").decode()
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", storable)).strip().casefold()
