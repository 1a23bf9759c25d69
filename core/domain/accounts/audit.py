"""An entry of the audit log: who did what to what, from where, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

How = Literal["session", "token", "open", "console", "system"]
Outcome = Literal["done", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """`action` is dotted, such as `sign_in`, `library.delete`; `subject` names what it was done to, without contents or secrets.

    `how` is by what the request was let in; `address` is the client's. `id` is 0 until it is stored.
    """

    at: float
    user_id: int | None
    user_name: str
    how: How
    action: str
    subject: str
    outcome: Outcome
    address: str = ""
    id: int = 0
