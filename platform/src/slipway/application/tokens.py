"""Bearer tokens: made, listed, revoked, and asked whose they are."""

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass
from typing import Literal, cast

from slipway.application.listing import page_of
from slipway.application.pages import PageAsked
from slipway.application.requests import TokenAsked, TokenNamed
from slipway.application.views import Page, TokenView
from slipway.application.workspace import Workspace
from slipway.controller.orm import ApiToken
from slipway.controller.store.access import Access
from slipway.errors import (
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    UnauthorizedError,
)

Role = Literal["viewer", "operator", "admin"]
#: The weakest first: each may do what those before it may.
ROLES: tuple[Role, ...] = ("viewer", "operator", "admin")
#: How every secret begins, so that scanners of commits find one.
PREFIX = "slipway_"
#: The command that makes a token, as refusals name it.
_NEXT = "Make one: invoke token.create --name <who> --role"


@dataclass(frozen=True)
class Caller:
    """Who asks, and what they may do."""

    name: str
    role: Role


def create_token(workspace: Workspace, asked: TokenAsked) -> TokenView:
    """Make a token; the only time that its secret is shown."""
    store, secret = workspace.store, PREFIX + secrets.token_urlsafe(32)
    if asked.expires_at is not None and asked.expires_at <= store.now():
        message = (
            f"The token {asked.name!r} would expire in the past: {asked.expires_at}"
        )
        raise InvalidRequestError(message)
    token = ApiToken(
        name=asked.name,
        role=asked.role,
        sha256=_digest(secret),
        created_by=store.actor,
        created_at=store.now(),
        expires_at=asked.expires_at,
    )
    Access(store.database).add_token(token)
    return TokenView.model_validate(token).model_copy(update={"secret": secret})


def list_tokens(workspace: Workspace, asked: PageAsked) -> Page[TokenView]:
    """Return tokens without their secrets, the newest first."""
    return page_of(workspace, asked, ApiToken, {}, TokenView.model_validate)


def revoke_token(workspace: Workspace, asked: TokenNamed) -> TokenView:
    """End a token: it is refused from now on."""
    access, now = Access(workspace.store.database), workspace.store.now()
    access.revoke_token(asked.name, now)
    found = access.token_called(asked.name)
    if found is None:
        message = f"There is no token {asked.name!r}. See them: invoke token.list"
        raise NotFoundError(message)
    return TokenView.model_validate(found)


def caller_of(access: Access, secret: str, now: dt.datetime) -> Caller:
    """Return whose secret it is; UnauthorizedError when it is nobody's any more."""
    if not secret:
        message = f"No token was given: Authorization: Bearer <token>. {_NEXT} viewer"
        raise UnauthorizedError(message)
    token = access.token(_digest(secret))
    if token is None:
        message = f"The token is not one of this controller's. {_NEXT} viewer"
        raise UnauthorizedError(message)
    if token.revoked_at is not None or (token.expires_at and token.expires_at <= now):
        ended = "was revoked" if token.revoked_at else "has expired"
        message = f"The token {token.name!r} {ended}. {_NEXT} {token.role}"
        raise UnauthorizedError(message)
    return Caller(token.name, cast("Role", token.role))


def check_role(caller: Caller, needed: Role) -> None:
    """Raise ForbiddenError unless the caller may do what `needed` may."""
    if ROLES.index(caller.role) < ROLES.index(needed):
        message = (
            f"The token {caller.name!r} is a {caller.role}'s, and this takes an"
            f" {needed}. {_NEXT} {needed}"
        )
        raise ForbiddenError(message)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
