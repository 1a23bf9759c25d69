"""What the sign-in and set-up pages show.

`unlock` asks for the code from the log while there is no library; `link` for consent to link an account at a provider.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.errors import CastMindError

EntryStep = Literal["sign_in", "code", "set_up", "unlock", "sign_out", "missing", "link"]


@dataclass(frozen=True, slots=True)
class EntryForm:
    """`next`: the path to go to afterwards; `name`: as it was typed before; `error`: why the last try failed;
    `provider`: the name of the sign-in provider, "" without one; for `link`, `name` is the account there.
    """

    step: EntryStep
    next: str = ""
    name: str = ""
    error: CastMindError | None = None
    provider: str = ""
