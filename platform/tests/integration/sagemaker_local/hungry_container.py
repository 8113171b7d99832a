"""A container for tests that takes more memory than it has; standard library only.

`train` takes it at once; `serve` when it is asked, or at its start where `EAT` says so.
"""

import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


def eat() -> None:
    """Take a gibibyte, and touch all of it."""
    sys.exit(len(b"x" * 1024**3))


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/ping" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        eat()


if __name__ == "__main__":
    if sys.argv[1] == "train" or "EAT" in os.environ:
        eat()
    # A container's own address.
    HTTPServer(("0.0.0.0", 8080), Handler).serve_forever()  # noqa: S104  # as above
