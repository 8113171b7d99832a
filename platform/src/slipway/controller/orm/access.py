"""Who may ask the REST API, and what it answered to a caller's key."""

import datetime as dt

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from slipway.controller.orm.rows import Row


class ApiToken(Row):
    """A bearer token: its digest alone is kept."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: What people call it, and what history says of who acted.
    name: Mapped[str] = mapped_column(String(64), unique=True)
    #: `viewer`, `operator` or `admin`.
    role: Mapped[str] = mapped_column(String(16))
    #: sha256 of the secret.
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[dt.datetime]
    #: None: it lasts until it is revoked.
    expires_at: Mapped[dt.datetime | None] = mapped_column(default=None)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(default=None)


class KeptAnswer(Row):
    """What a caller's idempotency key was answered."""

    __tablename__ = "kept_answer"

    #: The token's name: two callers may choose the same key.
    caller: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    #: Of method, path and body: another request needs another key.
    request_digest: Mapped[str] = mapped_column(String(80))
    #: 0: it is still being answered.
    status: Mapped[int] = mapped_column(default=0)
    body: Mapped[str] = mapped_column(Text, default="")
    begun_at: Mapped[dt.datetime] = mapped_column(index=True)
    #: What whoever answers it holds; empty: it is answered.
    lease: Mapped[str] = mapped_column(String(64), default="")
