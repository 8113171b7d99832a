"""Requests that are refused, as strict JSON says it."""

from typing import Any

from slipway.errors import InvalidRequestError


class RequestRefusedError(InvalidRequestError):
    """A request cannot be answered: says why, and where in the request."""

    code = "invalid_input"

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        code: str = "invalid_input",
        row: int | None = None,
        column: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.row = row
        self.column = column


def refusal_document(error: RequestRefusedError, transaction_id: str) -> dict[str, Any]:
    """Return the body of the answer to a refused request."""
    return error_document(
        error.code, str(error), transaction_id, row=error.row, column=error.column
    )


def error_document(
    code: str,
    message: str,
    transaction_id: str,
    *,
    row: int | None = None,
    column: str | None = None,
) -> dict[str, Any]:
    """Return the body of every answer that is no prediction."""
    fault = {"code": code, "message": message, "row": row, "column": column}
    return {"error": fault, "transaction_id": transaction_id}
