"""The orphan sweep: what is tagged as ours in SageMaker, and has no row."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from slipway.controller.store import Store
from slipway.sagemaker.gateway import Gateway
from slipway.sagemaker.resources import RESOURCES


@dataclass(frozen=True)
class Orphan:
    """A resource with our owner tags that no operation made."""

    #: The word for the resource in `sagemaker.resources`.
    resource: str
    name: str
    arn: str


def orphans(
    store: Store, gateway: Gateway, owner: Mapping[str, str], prefix: str
) -> Iterator[Orphan]:
    """Yield what has the tags of `owner` and a name with `prefix`, and no row.

    The one place that lists: after a database was restored, names are all that is left.
    """
    for kind in RESOURCES:
        for name, arn in gateway.names(kind, prefix):
            if store.records.has_operation(kind, name):
                continue
            tags = gateway.tags(arn)
            if all(tags.get(key) == value for key, value in owner.items()):
                yield Orphan(kind, name, arn)
