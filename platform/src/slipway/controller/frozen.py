"""A run's parameters, frozen when it is opened: every worker takes its steps from them."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from slipway.container.extract.script import check_script
from slipway.controller.context import Context, Image, Request, Sources
from slipway.controller.orm import Run
from slipway.controller.sources import sources_digest
from slipway.digests import digest_of, digest_of_bytes
from slipway.errors import InvalidRequestError
from slipway.payloads.overrides import Override
from slipway.settings import Environment
from slipway.spec import ModelSpec

#: What an environment decides of a run; where it is reached may change later.
_ENVIRONMENT = {
    "account",
    "region",
    "role_arn",
    "bucket",
    "registry",
    "warehouse",
    "payloads",
}
#: What is kept of a run and does not make it another one.
_NO_IDENTITY = frozenset({"code_commit", "sql_digest"})
_SCRIPT = "extract.sql"
_ENTRIES = ("preprocess.py", "model.py")


@dataclass(frozen=True)
class Opening:
    """Who opens a run, and what for."""

    #: The caller's own name for the run; empty: its parameters alone name it.
    key: str = ""
    pipeline: str = "training"
    #: `manual`, `scheduled`, `backfill` or `asset`, the interval of data.
    facts: Mapping[str, Any] = field(default_factory=dict)
    #: What people call the run among others; it is the same run by any of them.
    tags: tuple[str, ...] = ()
    #: The last commit of the model's folder, and when it was made; empty and None: the
    #: folder holds what is in no commit.
    code_commit: str = ""
    committed_at: dt.datetime | None = None


def read_sources(context: Context) -> Sources:
    """Return what the context's run freezes of the model's folder."""
    path = context.folder / _SCRIPT
    script = path.read_text(encoding="utf-8")
    name = f"models/{context.spec.name}/{_SCRIPT}"
    checked = check_script(script, context.spec.sql.parameters, name=name)
    return Sources(
        script=script,
        tables=tuple(checked.tables),
        code={entry: sources_digest(context.folder, entry) for entry in _ENTRIES},
    )


def freeze(context: Context, request: Request, opening: Opening) -> dict[str, Any]:
    """Return everything that a run is, as JSON values."""
    sources = request.sources
    environment, expects = context.settings.environment, context.expects
    return {
        **({} if expects is None else {"expects": expects}),
        "model": context.spec.name,
        "environment": environment.name,
        "pipeline": opening.pipeline,
        "key": opening.key,
        "facts": dict(opening.facts),
        "run_date": request.run_date.isoformat(),
        "parameters": dict(request.parameters),
        "spec": context.spec.model_dump(mode="json", exclude_unset=True),
        "overrides": [override.as_dict() for override in context.overrides],
        "settings": environment.model_dump(mode="json", include=_ENVIRONMENT),
        "s3_root": str(context.layout.root),
        "image_uri": request.image.uri,
        "image_digest": request.image.digest,
        "runtime_digest": request.image.runtime_digest,
        "sql": sources.script,
        "sql_digest": digest_of_bytes(sources.script.encode()),
        "tables": list(sources.tables),
        "code": dict(sources.code),
        "code_commit": request.code_commit,
        "salt": request.salt,
        "version": request.version,
    }


def run_id_of(frozen: Mapping[str, Any]) -> str:
    """Return what names the run of these parameters: its date, and their digest."""
    identity = {k: v for k, v in frozen.items() if k not in _NO_IDENTITY}
    date = frozen["run_date"].replace("-", "")
    return f"{date}-{digest_of(identity).rpartition(':')[2][:10]}"


def check_frozen(run: Run) -> None:
    """Raise InvalidRequestError for a run that keeps too little to go on from."""
    if "overrides" not in run.parameters:
        message = (
            f"Run {run.run_id} was opened by an older release, which kept too little to"
            f" go on from: open another, invoke run --model {run.model}"
        )
        raise InvalidRequestError(message)


def thawed(context: Context, run: Run) -> tuple[Context, Request]:
    """Return the context and the request that `run` was opened with.

    The folder and the environment's file may have changed since: neither is read.
    """
    check_frozen(run)
    frozen, settings = run.parameters, context.settings
    known = settings.environment.model_dump() | frozen["settings"]
    environment = Environment.model_validate(known)
    request = Request(
        run_date=dt.date.fromisoformat(frozen["run_date"]),
        parameters=frozen["parameters"],
        image=Image(
            frozen["image_uri"], frozen["runtime_digest"], frozen["image_digest"]
        ),
        sources=Sources(frozen["sql"], tuple(frozen["tables"]), frozen["code"]),
        code_commit=frozen["code_commit"],
        salt=frozen["salt"],
        version=frozen.get("version"),
    )
    then = replace(
        context,
        settings=replace(settings, environment=environment),
        spec=ModelSpec.model_validate(frozen["spec"]),
        overrides=tuple(Override.of_dict(kept) for kept in frozen["overrides"]),
        expects=frozen.get("expects"),
    )
    return then, request
