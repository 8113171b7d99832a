"""What nothing needs any more: judged a part at a time, and deleted if that is asked for."""

from slipway.application.models import check_known, models_of
from slipway.application.requests import CollectionAsked
from slipway.application.views import CollectionView, LeftoverView
from slipway.application.workspace import Workspace
from slipway.controller.garbage.collect import Collector, Judged, Wish
from slipway.images.stock import Stock
from slipway.images.tool import silent


def collect(workspace: Workspace, asked: CollectionAsked) -> CollectionView:
    """Judge what nothing refers to any more, and delete it if asked to.

    A cursor is a model, and how many of its things that were judged are still there:
    what was deleted is in no later walk.
    """
    check_known(workspace, asked.model)
    images = Stock(workspace.settings.environment.registry, workspace.images)
    collector = Collector(workspace.estate, images, silent)
    first, _, left = (asked.cursor or ".0").partition(".")
    skipped: list[str] = []
    judged: list[LeftoverView] = []
    for name in _models(workspace, asked.model, first):
        passed, most = int(left) if name == first else 0, asked.limit - len(judged)
        found = collector.collect(name, Wish(asked.keep, asked.apply, passed, most))
        if found is None:
            skipped.append(name)
            continue
        shown = [leftover_view(one) for one in found]
        judged += shown
        if len(shown) == most:
            passed += sum(not one.deleted for one in shown)
            return _answer(asked, judged, skipped, f"{name}.{passed}")
    return _answer(asked, judged, skipped, None)


def leftover_view(one: Judged) -> LeftoverView:
    """Return one verdict as it is answered."""
    item = one.leftover
    return LeftoverView(
        model=item.model,
        kind=item.kind,
        name=item.name,
        bytes=item.bytes,
        kept=item.kept,
        deleted=one.gone,
    )


def _models(workspace: Workspace, model: str | None, first: str) -> list[str]:
    """Return the models that are meant, from the first one on."""
    known = sorted(models_of(workspace))
    return [name for name in known if model in {None, name} and name >= first]


def _answer(
    asked: CollectionAsked,
    judged: list[LeftoverView],
    skipped: list[str],
    cursor: str | None,
) -> CollectionView:
    return CollectionView(
        applied=asked.apply, items=judged, skipped=skipped, next_cursor=cursor
    )
