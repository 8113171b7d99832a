"""Tokens and kept answers of the REST API, read and written."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from slipway.controller.orm import ApiToken, KeptAnswer
from slipway.controller.store.database import Database
from slipway.errors import ConflictError


class Access:
    """Who may ask, and what was answered, in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def tokens(self) -> Sequence[ApiToken]:
        """Return every token, the oldest first."""
        with self._database.reading() as session:
            return session.scalars(select(ApiToken).order_by(ApiToken.id)).all()

    def token(self, sha256: str) -> ApiToken | None:
        """Return the token whose secret has this digest."""
        with self._database.reading() as session:
            return session.scalar(select(ApiToken).where(ApiToken.sha256 == sha256))

    def add_token(self, token: ApiToken) -> None:
        """Write a new token; ConflictError when its name is taken."""
        columns = ("name", "role", "sha256", "created_by", "created_at", "expires_at")
        values = {name: getattr(token, name) for name in columns}
        try:
            with self._database.transaction() as connection:
                connection.execute(insert(ApiToken).values(**values))
        except IntegrityError as error:
            message = f"There is a token called {token.name!r}: choose another name"
            raise ConflictError(message) from error

    def revoke_token(self, name: str, now: dt.datetime) -> bool:
        """End a token; tell whether there was one that had not ended."""
        statement = (
            update(ApiToken)
            .where(ApiToken.name == name, ApiToken.revoked_at.is_(None))
            .values(revoked_at=now)
        )
        with self._database.transaction() as connection:
            return connection.execute(statement).rowcount == 1

    def begin_answer(self, begun: KeptAnswer, overdue: dt.datetime) -> bool:
        """Write that a key is being answered; tell whether nobody else did.

        What somebody began before `overdue` and never ended is taken over.
        """
        columns = ("caller", "key", "request_digest", "begun_at")
        values = {name: getattr(begun, name) for name in columns}
        try:
            with self._database.transaction() as connection:
                row = {**values, "status": 0, "body": ""}
                connection.execute(insert(KeptAnswer).values(**row))
        except IntegrityError:
            statement = (
                update(KeptAnswer)
                .where(*_is(begun), KeptAnswer.status == 0)
                .where(KeptAnswer.request_digest == begun.request_digest)
                .where(KeptAnswer.begun_at < overdue)
                .values(begun_at=begun.begun_at)
            )
            with self._database.transaction() as connection:
                return connection.execute(statement).rowcount == 1
        return True

    def answer(self, caller: str, key: str) -> KeptAnswer | None:
        """Return what a caller's key was answered."""
        found = select(KeptAnswer).where(
            KeptAnswer.caller == caller, KeptAnswer.key == key
        )
        with self._database.reading() as session:
            return session.scalar(found)

    def keep_answer(self, begun: KeptAnswer, status: int, body: str) -> None:
        """Write what a key was answered."""
        statement = update(KeptAnswer).where(*_is(begun))
        with self._database.transaction() as connection:
            connection.execute(statement.values(status=status, body=body))

    def forget_answer(self, begun: KeptAnswer) -> None:
        """Let a key be used again: nothing was changed for it."""
        with self._database.transaction() as connection:
            connection.execute(delete(KeptAnswer).where(*_is(begun)))


def _is(begun: KeptAnswer) -> tuple[ColumnElement[bool], ...]:
    return (KeptAnswer.caller == begun.caller, KeptAnswer.key == begun.key)
