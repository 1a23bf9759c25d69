"""Who asks, for routes: `actor: Asking` as the first parameter of a route. core/api/gate decides it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from core.domain.accounts.actor import IN_SCOPE, Actor
from core.errors import SignInNeeded


def asking(request: Request) -> Actor:
    """Return the actor of a request. Raises SignInNeeded for one that did not pass the gate as somebody."""
    actor: Actor | None = request.scope.get(IN_SCOPE)
    if actor is None:
        raise SignInNeeded()
    return actor


Asking = Annotated[Actor, Depends(asking)]
