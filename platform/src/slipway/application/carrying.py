"""A deployment that was asked for, carried out by a worker."""

import logging

from slipway.controller.context import Context
from slipway.controller.hosting import config_name_of
from slipway.controller.orm import Deployment
from slipway.controller.rollout.course import Course
from slipway.controller.rollout.verdict import ROLLBACK
from slipway.controller.states import CHARTS
from slipway.controller.store.deployments import hand_over
from slipway.controller.versions import version_of
from slipway.errors import FencedError, HeldError, SlipwayError

_LOG = logging.getLogger(__name__)


def carry_out(held: Context, asked: Deployment) -> bool:
    """Take a deployment to its end, under the model's lease; tell whether it got there.

    Its row says how it ended. What SageMaker or the database kept from it is tried again;
    one that is stuck, or waits for a person, is asked for again by them.
    """
    row = held.store.records.deployment(asked.id)
    if not row.asked or row.state not in CHARTS["deployment"].unfinished:
        return True
    if _changed_since(held, row):
        reason = (
            "model.yaml changed since it was asked for: nothing was done, ask again"
        )
        held.store.advance(row, "abort", reason)
        return True
    try:
        Course(held, row).run()
    except FencedError:
        raise
    except SlipwayError as error:
        _LOG.info("deployment_delayed id=%s error=%s", row.id, error)
        left = held.store.records.deployment(row.id)
        if left.state == "stuck" or isinstance(error, HeldError):
            hand_over(held.store, left, asked=False)
        return False
    return True


def _changed_since(held: Context, row: Deployment) -> bool:
    """Tell whether another config would be made than the one that was asked for."""
    if row.state != "planned" or row.kind == ROLLBACK:
        return False
    version = version_of(held, row.version)
    return config_name_of(held, version) != row.endpoint_config_name
