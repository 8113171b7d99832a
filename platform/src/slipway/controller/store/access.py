"""Tokens of the REST API, read and written."""

import datetime as dt

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.exc import IntegrityError

from slipway.controller.orm import ApiToken
from slipway.controller.store.database import Database
from slipway.errors import ConflictError


class Access:
    """Who may ask, in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def token(self, sha256: str) -> ApiToken | None:
        """Return the token whose secret has this digest."""
        return self._one(ApiToken.sha256 == sha256)

    def token_called(self, name: str) -> ApiToken | None:
        """Return the token of this name."""
        return self._one(ApiToken.name == name)

    def _one(self, condition: ColumnElement[bool]) -> ApiToken | None:
        with self._database.reading() as session:
            return session.scalar(select(ApiToken).where(condition))

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
