"""Users, and what they keep of themselves: password, second factor, sessions, API tokens."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from core.api import schemas
from core.api.asking import Asking
from core.api.contract import told
from core.api.services import Services
from core.domain.accounts.role import Role, TokenScope
from core.domain.accounts.user import ApiToken, BrowserSession, User

UserId = Annotated[int, Path(ge=1, le=2**63 - 1)]
RoleName = Literal["viewer", "member", "admin"]
Password = Annotated[str, Field(max_length=1024)]


class NewUser(BaseModel):
    name: str = Field(max_length=200)
    role: RoleName
    password: Password


class UserChange(BaseModel):
    name: str | None = Field(None, max_length=200)
    role: RoleName | None = None
    disabled: bool | None = None


class NewPassword(BaseModel):
    password: Password


class OwnPassword(BaseModel):
    """`present` may be left out while there is no password."""

    present: Password = ""
    password: Password


class Code(BaseModel):
    code: str = Field(max_length=20)


class PasswordProof(BaseModel):
    password: Password


class NewToken(BaseModel):
    """`days`: until the token ends; null for never."""

    name: str = Field(max_length=200)
    scope: Literal["read", "write", "admin"] = "read"
    days: float | None = Field(90, gt=0, le=3650)


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["accounts"])
    accounts = services.accounts

    # --- oneself ------------------------------------------------------------------------------------

    @api.get("/accounts/me")
    def me(actor: Asking) -> schemas.Json:
        """Return who asks. `role` is what this request may do, `how` by what it was let in: session, token, open or console."""
        return {**user(accounts.me(actor)), "role": actor.role.word, "how": actor.how}

    @api.put("/accounts/me/password", status_code=204, responses=told(429))
    def change_password(actor: Asking, body: OwnPassword) -> None:
        """Change the own password. All other sessions of the user end."""
        accounts.change_own_password(actor, body.present, body.password)

    @api.post("/accounts/me/second-factor")
    def offer(actor: Asking) -> schemas.Json:
        """Return a secret for an authenticator app. It counts once a code of the app has proven it."""
        secret, picture = accounts.begin_totp(actor)
        return {"secret": secret, "qr_svg": picture}

    @api.put("/accounts/me/second-factor", status_code=204, responses=told(429))
    def turn_on(actor: Asking, body: Code) -> None:
        """Turn the second factor on with a code of the app."""
        accounts.confirm_totp(actor, body.code)

    @api.delete("/accounts/me/second-factor", status_code=204, responses=told(429))
    def turn_off(actor: Asking, body: PasswordProof) -> None:
        """Turn the second factor off with the own password."""
        accounts.end_totp(actor, body.password)

    @api.get("/accounts/me/sessions")
    def own_sessions(actor: Asking) -> schemas.Json:
        return {"items": [{**session(each), "present": each.id == actor.session_id} for each in accounts.own_sessions(actor)]}

    @api.delete("/accounts/me/sessions")
    def end_others(actor: Asking) -> schemas.Json:
        """End all of the own sessions but this one."""
        return {"ended": accounts.revoke_other_sessions(actor)}

    @api.delete("/accounts/me/sessions/{session_id}", status_code=204)
    def end_session(actor: Asking, session_id: UserId) -> None:
        accounts.revoke_session(actor, session_id)

    @api.get("/accounts/me/tokens")
    def own_tokens(actor: Asking) -> schemas.Json:
        return {"items": [token(each) for each in accounts.own_tokens(actor)]}

    @api.post("/accounts/me/tokens", status_code=201)
    def add_token(actor: Asking, body: NewToken) -> schemas.Json:
        """Make a token. `token` is its secret, which is shown here alone: send it as `Authorization: Bearer …`."""
        secret, made = accounts.add_token(actor, body.name, TokenScope.named(body.scope), days=body.days)
        return {**token(made), "token": secret}

    @api.delete("/accounts/me/tokens/{token_id}", status_code=204)
    def revoke_token(actor: Asking, token_id: UserId) -> None:
        accounts.revoke_token(actor, token_id)

    # --- others -------------------------------------------------------------------------------------

    @api.get("/accounts")
    def listing(actor: Asking) -> schemas.Json:
        return {"items": [user(each) for each in accounts.listing(actor)]}

    @api.post("/accounts", status_code=201)
    def add(actor: Asking, body: NewUser) -> schemas.Json:
        return user(accounts.add(actor, body.name, Role.named(body.role), body.password))

    @api.delete("/accounts/password", status_code=204)
    def open_again(actor: Asking) -> None:
        """Take the only password away, so that this computer opens CastMind without a login."""
        accounts.open_again(actor)

    @api.patch("/accounts/{user_id}")
    def change(actor: Asking, user_id: UserId, body: UserChange) -> schemas.Json:
        """Change a user; with less power than before, their sessions end."""
        role = Role.named(body.role) if body.role else None
        return user(accounts.change(actor, user_id, name=body.name, role=role, disabled=body.disabled))

    @api.delete("/accounts/{user_id}", status_code=204)
    def delete(actor: Asking, user_id: UserId) -> None:
        """Delete a user with their marks and positions. Episodes, notes and highlights stay."""
        accounts.delete(actor, user_id)

    @api.put("/accounts/{user_id}/password", status_code=204)
    def reset_password(actor: Asking, user_id: UserId, body: NewPassword) -> None:
        """Set a user's password, turn their second factor off and end their sessions."""
        accounts.reset_password(actor, user_id, body.password)

    @api.get("/accounts/{user_id}/sessions")
    def sessions_of(actor: Asking, user_id: UserId) -> schemas.Json:
        return {"items": [session(each) for each in accounts.sessions_of(actor, user_id)]}

    @api.delete("/accounts/{user_id}/sessions")
    def end_sessions_of(actor: Asking, user_id: UserId) -> schemas.Json:
        return {"ended": accounts.revoke_sessions_of(actor, user_id)}

    return api


def user(row: User) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "role": row.role.word,
        "created_at": schemas.moment(row.created_at),
        "password": row.password,
        "second_factor": row.totp,
        "disabled": row.disabled,
        "seen_at": schemas.moment(row.seen_at),
    }


def session(row: BrowserSession) -> dict[str, Any]:
    return {
        "id": row.id,
        "created_at": schemas.moment(row.created_at),
        "seen_at": schemas.moment(row.seen_at),
        "ends_at": schemas.moment(row.ends_at),
        "address": row.address,
        "agent": row.agent,
    }


def token(row: ApiToken) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "hint": row.hint,
        "scope": row.scope.word,
        "created_at": schemas.moment(row.created_at),
        "used_at": schemas.moment(row.used_at),
        "ends_at": schemas.moment(row.ends_at),
    }
