"""The one place that deletes: marked by reference, swept model by model."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from slipway.controller.claims import alone
from slipway.controller.estate import Estate
from slipway.controller.garbage.leftovers import ImageStore, Leftover, Leftovers
from slipway.controller.garbage.references import references
from slipway.controller.intents import DIGEST_TAG, Intent, delete_key
from slipway.controller.operations import Ledger
from slipway.controller.states.operation import CALLABLE
from slipway.controller.store import Store
from slipway.controller.store.remains import Made
from slipway.errors import ConflictError, FencedError, StepFailedError
from slipway.payloads.deployment import Watched
from slipway.payloads.jobs import model_tags
from slipway.sagemaker.resources import RESOURCES

#: Versions of a model that are kept whatever happens, unless somebody says how many.
KEEP = 3


@dataclass(frozen=True)
class Wish:
    """What a collection was asked for."""

    #: The last versions that are kept, beside the champion.
    keep: int = KEEP
    #: Delete; else only look.
    apply: bool = False
    #: How many of the model's things are passed over, and judged at most; None: all.
    passed: int = 0
    most: int | None = None


@dataclass(frozen=True)
class Judged:
    """A leftover, and what became of it."""

    leftover: Leftover
    #: Whether it is gone now.
    gone: bool = False


@dataclass(frozen=True)
class Collector:
    """Collects what nothing needs any more, in one environment."""

    estate: Estate
    images: ImageStore
    tell: Callable[[str], None]

    def collect(self, model: str, wish: Wish) -> Iterator[Judged] | None:
        """Judge everything that a model left, and delete what can go if asked to.

        Nobody else moves the model meanwhile, and none of its runs goes on; None:
        somebody moves it, or a run goes on, and nothing was done. FencedError when
        somebody took over, because this process slept: nothing more is deleted. After a
        crash the same call goes on where the first one was.
        """
        if not wish.apply:
            return self._judge(self.estate, model, wish)
        with alone(self.estate, model) as held:
            if held is None:
                return None
            estate = replace(self.estate, store=held.store)
            return iter([*self._judge(estate, model, wish)])

    def _judge(self, estate: Estate, model: str, wish: Wish) -> Iterator[Judged]:
        needed = references(estate, model, keep=wish.keep)
        end = None if wish.most is None else wish.passed + wish.most
        left = Leftovers(estate, model, needed, self.images)
        for leftover in islice(left, wish.passed, end):
            if leftover.kept:
                if wish.apply and leftover.made is not None:
                    _spare(estate.store, leftover.made)
                yield Judged(leftover)
            elif wish.apply:
                self.tell(f"{leftover.kind} {leftover.name} …")
                yield self._looked_at_again(estate, leftover, wish)
            else:
                yield Judged(leftover)

    def _looked_at_again(
        self, estate: Estate, leftover: Leftover, wish: Wish
    ) -> Judged:
        """Delete a thing, unless it is needed by now, as whoever still holds the model.

        It may be long ago that it was judged: so many went before it.
        """
        needed = references(estate, leftover.model, keep=wish.keep)
        kept = needed.reason(leftover.kind, leftover.name)
        if kept:
            return Judged(replace(leftover, kept=kept))
        estate.store.confirm()
        return self._deleted(estate, leftover)

    def _deleted(self, estate: Estate, leftover: Leftover) -> Judged:
        if leftover.made is not None:
            if leftover.kind == "endpoint_config":
                _delete_alarms(estate, leftover)
            self._delete_resource(estate, leftover.made)
        elif leftover.prefix is not None:
            estate.objects.delete_below(leftover.prefix)
        elif not self.images.remove(leftover.name):
            return Judged(replace(leftover, kept="it runs"))
        return Judged(leftover, gone=True)

    def _delete_resource(self, estate: Estate, made: Made) -> None:
        """Delete what the ledger made, through the ledger: the intent is written first."""
        resource = RESOURCES[made.resource]
        ledger = Ledger(estate.store, estate.gateway, estate.pace, self.tell)
        operation = ledger.perform(
            Intent(
                key=delete_key(made.key, made.generation),
                run_id=made.run_id,
                resource=made.resource,
                call=resource.create.replace("Create", "Delete", 1),
                digest=made.digest,
                name=lambda _generation: made.name,
                payload=lambda name, _generation: {resource.name_member: name},
                owner={**made.owner, DIGEST_TAG: made.digest},
            )
        )
        if operation.state != "succeeded":
            message = (
                f"The {resource.noun} {made.name!r} was not deleted: {operation.reason}."
                " Give the same command again"
            )
            raise StepFailedError(message)


def _delete_alarms(estate: Estate, config: Leftover) -> None:
    """Delete what watched a config's deployments, before the config that names it."""
    variants = config.made.payload.get("ProductionVariants", []) if config.made else []
    called = [str(each["VariantName"]) for each in variants if "VariantName" in each]
    for variant in called:
        owner = model_tags(estate.environment, config.model)
        watched = Watched("", config.name, variant)
        estate.gateway.alarms.delete(watched.names, owner)


def _spare(store: Store, made: Made) -> None:
    """Take back a delete that was intended and not made: the thing is needed again."""
    last = store.records.latest_operation(delete_key(made.key, made.generation))
    if last is None or last.state not in {*CALLABLE, "stuck"}:
        return
    try:
        store.advance(last, "cancel", "it is needed again", due_at=None)
    except FencedError:
        raise
    except ConflictError as error:
        message = f"{made.name} is needed, and somebody deletes it: {error}"
        raise ConflictError(message) from error
