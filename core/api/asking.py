"""Who asks, for routes: `actor: Asking` as the first parameter of a route."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from core.domain.accounts.actor import OWNER, Actor


def asking() -> Actor:
    """The owner: CastMind has no other users."""
    return OWNER


Asking = Annotated[Actor, Depends(asking)]
