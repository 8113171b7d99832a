"""A run of the example model, opened without a build."""

import datetime as dt

from slipway.controller.context import Context, Image, Request
from slipway.controller.frozen import Opening, freeze, read_sources
from slipway.controller.orm import Run


def opened_example(context: Context, run_id: str, key: str | None = None) -> Run:
    """Write a run of the context's model, frozen as an opening freezes it."""
    request = Request(
        run_date=dt.date(2026, 1, 31),
        parameters={"as_of": "2026-01-31"},
        image=Image("registry/slipway/tumor_malignancy:1", "sha256:1"),
        sources=read_sources(context),
        code_commit="",
    )
    row = Run(
        run_id=run_id,
        key=key,
        model=context.spec.name,
        environment=context.settings.environment.name,
        run_date=request.run_date,
        parameters=freeze(context, request, Opening(key=key or "")),
    )
    return context.store.add(row)
