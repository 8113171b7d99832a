"""The page of the REST API, written from the table of actions."""

import inspect
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from slipway.application.actions import ACTIONS
from slipway.application.routes.action import Action

_HEAD = """\
# The REST API

<!-- Written by `invoke docs.write` from the table of actions. -->

Every action of the controller, by what it is about. The same in OpenAPI 3.1: `GET /openapi.json`.
How to start it, get a token and ask: [the how-to](howto/use-the-rest-api.md).

- Paths begin with `/v1`. A token is sent as `Authorization: Bearer <token>`; a role may do what
  those before it may: viewer, operator, admin.
- A POST may carry an `Idempotency-Key`: for seven days the same key and body are answered once, and
  the same again; another body with the key is refused. While the first is being answered, and
  after it broke with something changed, the same is refused and changes nothing.
- Lists are read with `limit` and `cursor`, the newest first; the answer's `next_cursor` is null on
  the last page. What a list does not know (a field, a state, a model) is refused, and what it does
  know is named.
- A refusal is `application/problem+json`: `status`, `code`, `retryable`, and a `detail` of one line.
  Nothing was changed.
- `/healthz`, `/readyz`, `/metrics` (Prometheus) and `/openapi.json` take no token.
"""


def rest_page() -> str:
    """Return the page of every action."""
    return "\n".join([_HEAD, *_sections()])


def _sections() -> Iterator[str]:
    def noun(action: Action) -> str:
        return action.name.partition(".")[0]

    for name, actions in groupby(sorted(ACTIONS, key=noun), noun):
        yield f"## {name}\n"
        for action in actions:
            yield _paragraph(action)


def _paragraph(action: Action) -> str:
    summary = (inspect.getdoc(action.function) or "").splitlines()[0]
    lines = [
        f"### {action.name}",
        "",
        f"`{action.method} /v1{action.path}` · {action.role} · {summary}",
        "",
    ]
    fields = action.asks.model_json_schema().get("properties", {})
    needed = set(action.asks.model_json_schema().get("required", []))
    rows = [
        f"| `{name}` | {_kind(schema)} | {_needed(name in needed)} | {_words(schema)} |"
        for name, schema in fields.items()
        if name not in action.in_path
    ]
    if rows:
        lines += ["| field | is | | |", "|---|---|---|---|", *rows, ""]
    return "\n".join(lines)


def _needed(needed: bool) -> str:
    return "needed" if needed else ""


def _words(schema: dict[str, Any]) -> str:
    return str(schema.get("description", "")).replace("|", "\\|")


def _kind(schema: dict[str, Any]) -> str:
    """Return what a field holds, in words."""
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    options = [_kind(option) for option in schema.get("anyOf", [])]
    if options:
        return " or ".join(dict.fromkeys(options))
    return str(schema.get("format") or schema.get("type", "anything"))
