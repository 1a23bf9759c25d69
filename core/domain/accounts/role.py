"""The roles of users, and the scopes of API tokens: each contains the ones below it."""

from __future__ import annotations

from enum import IntEnum


class Role(IntEnum):
    """A viewer reads, and keeps marks of their own; a member adds and edits; an admin does the rest."""

    VIEWER = 1
    MEMBER = 2
    ADMIN = 3

    @property
    def word(self) -> str:
        """Return the name in the database and in the API: `viewer`, `member`, `admin`."""
        return self.name.lower()

    @classmethod
    def named(cls, word: str) -> Role:
        """Return the role of a name. Raises KeyError for another word."""
        return cls[word.upper()]


class TokenScope(IntEnum):
    """What an API token may do, and never more than its user: read, change, administer."""

    READ = 1
    WRITE = 2
    ADMIN = 3

    @property
    def word(self) -> str:
        return self.name.lower()

    @classmethod
    def named(cls, word: str) -> TokenScope:
        return cls[word.upper()]
