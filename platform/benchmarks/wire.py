"""Signed requests in bytes, so that no client's own time is measured."""

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from slipway.errors import UnavailableError


class Wire:
    """One connection to a server, kept for as long as the server keeps it."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._connection = http.client.HTTPConnection(
            address.hostname or "", address.port, timeout=60
        )

    def ask(self, operation: str, members: Mapping[str, Any]) -> dict[str, Any]:
        """Call an operation of SageMaker and return its answer's members."""
        headers = {
            "Authorization": "AWS4-HMAC-SHA256 Credential=AK/20260101/eu-west-1/"
            "sagemaker/aws4_request, SignedHeaders=host, Signature=0",
            "X-Amz-Target": f"SageMaker.{operation}",
            "Content-Type": "application/x-amz-json-1.1",
        }
        body = self.post("/", json.dumps(members).encode(), headers)
        answer: dict[str, Any] = json.loads(body or b"{}")
        return answer

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        """Post bytes and return the answer's; a refusal is an UnavailableError."""
        self._connection.request("POST", path, body, dict(headers))
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            message = f"{path} {dict(headers)} was refused: {content[:300]!r}"
            raise UnavailableError(message)
        return content

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
