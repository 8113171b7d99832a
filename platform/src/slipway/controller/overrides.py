"""Overrides: values that somebody sets over what files say, checked before they count."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson
from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from slipway.container.hyperparameters import parse_hyperparameter
from slipway.controller.context import Context
from slipway.controller.orm import ConfigOverride
from slipway.controller.preflight import check_instance
from slipway.controller.preview import check_payloads, previews
from slipway.controller.store.clock import seconds_now
from slipway.controller.store.overrides import active_overrides, set_override
from slipway.errors import InvalidRequestError, suggestion
from slipway.payloads.fields import FIELDS, HYPERPARAMETERS, put
from slipway.payloads.files import platform_layer
from slipway.payloads.layers import Source
from slipway.payloads.overrides import Override
from slipway.sagemaker.service_model import members_of
from slipway.spec import ModelSpec

#: What a hyperparameter is called in short: by the step that it is given to.
_SHORT = "train"
#: Keys that go into payloads and are changed in model.yaml only: they are the bar.
_FILE_ONLY = frozenset({"gates"})
#: Under another name an update would lose traffic shifting, and its rollback.
_CONSTANT = "ProductionVariant.VariantName"
#: Days within which an override ends: what lasts longer belongs in a file.
_LONGEST = 366
_DAY = 86_400.0


def with_active(declared: Context) -> Context:
    """Return the context with the overrides that count now, by the database's clock."""
    active = _active(declared)
    try:
        return with_overrides(declared, active)
    except InvalidRequestError as error:
        names = ", ".join(written(override.key) for override in active)
        message = (
            f"{error}: an override of {declared.spec.name} no longer fits its model.yaml."
            f" Take it back: invoke config.unset {declared.spec.name} <key>, one of {names}"
        )
        raise InvalidRequestError(message) from error


def with_overrides(context: Context, overrides: Sequence[Override]) -> Context:
    """Return the context with more overrides on top."""
    if not overrides:
        return context
    spec = _applied(context.spec, overrides)
    return replace(context, spec=spec, overrides=(*context.overrides, *overrides))


def of_row(row: ConfigOverride) -> Override:
    """Return the override that a row of the database says."""
    note = f"{row.actor}: {row.purpose}; until {moment(row.expires_at)}"
    source = Source(f"override {row.id}", note=note)
    return Override(row.key, orjson.loads(row.value), source)


def moment(seconds: float) -> str:
    """Return a moment of the database's clock, as people write it."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_override(context: Context, text: str, source: Source) -> Override:
    """Return what `key=value` asks for; raise when no such key can be set."""
    key, equals, value = text.partition("=")
    if not equals or not key:
        message = f"{text!r} is not key=value, such as instances.train=ml.m5.4xlarge"
        raise InvalidRequestError(message)
    key = canonical(context, key)
    if key[0].isupper():
        return Override(key, _scalar(key, value), source)
    outer, _, name = key.partition(".")
    if outer == HYPERPARAMETERS:
        declared = context.spec.hyperparameters
        return Override(key, parse_hyperparameter(name, declared, value), source)
    return Override(key, _scalar(key, value), source)


def canonical(context: Context, key: str) -> str:
    """Return the key as it is kept; raise for one that nothing can be set by."""
    outer, _, name = key.partition(".")
    if key[:1].isupper():
        _check_members(key)
        return key
    known = _keys(context.spec)
    if outer == HYPERPARAMETERS:
        key = f"{_SHORT}.{name}"
    if key not in known:
        message = f"{key!r} cannot be overridden.{suggestion(key, known)}"
        raise InvalidRequestError(message)
    return f"{HYPERPARAMETERS}.{name}" if key.startswith(f"{_SHORT}.") else key


def check_overrides(context: Context, new: Sequence[Override]) -> None:
    """Raise unless SageMaker would take every payload, and each `new` one decides a value."""
    for override in new:
        if override.key.startswith("instances."):
            check_instance(override.place[1], override.value, override.key)
    check_payloads(context)
    effective = {
        source
        for preview in previews(context)
        for source in preview.resolved.provenance.values()
    }
    for override in new:
        if override.source not in effective:
            message = (
                f"{override.key!r} is decided by each run of {context.spec.name}:"
                f" {override.value!r} would change no payload. See what can be set:"
                f" invoke explain --model {context.spec.name}"
            )
            raise InvalidRequestError(message)


def with_settings(context: Context, texts: Sequence[str]) -> Context:
    """Return the context with what a run sets for itself, `key=value` each, checked."""
    new = [
        parse_override(context, text, Source("run", note=f"--set {text}"))
        for text in texts
    ]
    keys = [override.key for override in new]
    for key in keys:
        if keys.count(key) > 1:
            message = f"--set {written(key)} is given twice"
            raise InvalidRequestError(message)
    made = with_overrides(context, new)
    if new:
        check_overrides(made, new)
    return made


def accept(
    declared: Context, text: str, *, purpose: str, expires_at: float
) -> ConfigOverride:
    """Check `key=value` with all that counts now, and keep it; else change nothing.

    `declared` is the model as its files say it is.
    """
    _check_end(expires_at, seconds_now(declared.store.database))
    override = parse_override(declared, text, Source("the new override"))
    counting = _counting(declared)
    others = [of_row(row) for row in counting if row.key != override.key]
    check_overrides(with_overrides(declared, [*others, override]), [override])
    return set_override(
        declared.store,
        ConfigOverride(
            environment=declared.settings.environment.name,
            model=declared.spec.name,
            key=override.key,
            value=orjson.dumps(override.value).decode(),
            actor=declared.store.actor,
            purpose=purpose,
            expires_at=expires_at,
        ),
        beside=[row.id for row in counting],
    )


def _check_end(expires_at: float, now: float) -> None:
    """Raise unless an override that ends then counts for a while, and not for good."""
    if now < expires_at <= now + _LONGEST * _DAY:
        return
    when = "is past" if expires_at <= now else f"is more than {_LONGEST} days away"
    message = (
        f"The end of the override {when}: by the database's clock it is {moment(now)}."
        " Give a moment between, or change the file"
    )
    raise InvalidRequestError(message)


def withdraw(declared: Context, key: str, why: str) -> ConfigOverride:
    """Take back the override of `key` that counts now."""
    store, model = declared.store, declared.spec.name
    found = active_overrides(store.database, model, declared.settings.environment.name)
    active = {listed.row.key: listed.row for listed in found if listed.counts}
    outer, _, name = key.partition(".")
    kept = f"{HYPERPARAMETERS}.{name}" if outer == _SHORT else key
    if kept not in active:
        known = map(written, active)
        message = f"{model} has no override of {key!r}.{suggestion(key, known)}"
        raise InvalidRequestError(message)
    return store.advance(active[kept], "unset", why)


def written(key: str) -> str:
    """Return a key as people write it."""
    return key.replace(f"{HYPERPARAMETERS}.", f"{_SHORT}.", 1)


def _active(context: Context) -> list[Override]:
    """Return what counts now, by the database's clock."""
    return [of_row(row) for row in _counting(context)]


def _counting(context: Context) -> list[ConfigOverride]:
    found = active_overrides(
        context.store.database, context.spec.name, context.settings.environment.name
    )
    return [listed.row for listed in found if listed.counts]


def _keys(spec: ModelSpec) -> list[str]:
    """Return each key that can be set, as people write it."""
    fixed = {field.key for field in FIELDS} - _FILE_ONLY - {HYPERPARAMETERS}
    return [*sorted(fixed), *(f"{_SHORT}.{name}" for name in spec.hyperparameters)]


def _check_members(key: str) -> None:
    """Raise unless `key` is an operation and members of its payload."""
    if key == _CONSTANT:
        message = f"{key!r} never changes: an endpoint is updated under one name only"
        raise InvalidRequestError(message)
    operation, *path = key.split(".")
    for field in FIELDS:
        if (operation, *path)[: len(field.place)] == field.place:
            message = f"{key!r} is {field.key!r} in model.yaml: set that"
            raise InvalidRequestError(message)
    known: Sequence[str] = tuple(platform_layer().values)
    for number, member in enumerate((operation, *path)):
        if member not in known:
            at = ".".join((operation, *path)[:number])
            where = f"{at} has no {member!r}" if at else f"No payload is {member!r}"
            message = f"{where}.{suggestion(member, known)}"
            raise InvalidRequestError(message)
        known = members_of((operation, *path)[: number + 1])
    if known or not path:
        message = f"{key!r} holds more than one value: name one of {', '.join(known)}"
        raise InvalidRequestError(message)


def _scalar(key: str, text: str) -> Any:
    """Return the one value that YAML reads `text` as."""
    try:
        value = YAML(typ="safe").load(text)
    except YAMLError:
        value = text
    if value is None or not isinstance(value, str | int | float | bool):
        message = f"{key}={text!r} is not one value, such as 2 or ml.m5.large"
        raise InvalidRequestError(message)
    return value


def _applied(spec: ModelSpec, overrides: Sequence[Override]) -> ModelSpec:
    """Return what `model.yaml` would say if it said what the overrides say."""
    document = spec.model_dump(exclude_unset=True)
    for override in overrides:
        outer, _, name = override.key.partition(".")
        if outer == HYPERPARAMETERS:
            parse_hyperparameter(name, spec.hyperparameters, override.value)
        if not override.is_of_a_payload:
            put(document, override.place, override.value)
    try:
        return ModelSpec.model_validate(document)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in fault["loc"])
        message = f"{key}={fault['input']!r}: {fault['msg']}"
        raise InvalidRequestError(message) from error
