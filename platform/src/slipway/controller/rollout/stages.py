"""Where a shift of traffic stands, as SageMaker describes it."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slipway.spec import DeploymentPolicy

_BAKING = re.compile(r"Baking for (\d+) seconds \((\w+)\)")
#: The wait that follows on the last share: all traffic is shifted.
_LAST = "TerminationWaitInSeconds"


@dataclass(frozen=True)
class Stage:
    """A share of the traffic that the new version has, and is watched with."""

    #: In percent.
    share: int
    began_at: dt.datetime
    #: How long it is watched.
    seconds: int

    def left(self, now: dt.datetime) -> float:
        """Return the seconds until SageMaker goes on by itself."""
        return self.seconds - (now - self.began_at).total_seconds()


def stage_of(
    description: Mapping[str, Any],
    policy: DeploymentPolicy,
    progress: Mapping[str, Any],
) -> Stage | None:
    """Return the share that is being watched; None: none is.

    SageMaker names no share, but when it began: `progress` knows the one before.
    """
    pending = description.get("PendingDeploymentSummary") or {}
    for variant in pending.get("ProductionVariants", []):
        for status in variant.get("VariantStatus", []):
            found = _BAKING.search(status.get("StatusMessage", ""))
            if status["Status"] == "Baking" and found:
                began_at = status["StartTime"].astimezone(dt.UTC)
                last = found[2] == _LAST
                share = 100 if last else _share(policy, progress, began_at)
                return Stage(share, began_at, int(found[1]))
    return None


def _share(
    policy: DeploymentPolicy, progress: Mapping[str, Any], began_at: dt.datetime
) -> int:
    before = int(progress.get("share", 0))
    if progress.get("since") == began_at.isoformat():
        return before
    return next((share for share in policy.shares if share > before), 100)
