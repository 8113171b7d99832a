"""What is not sent again: a config that did not serve well."""

from slipway.controller.context import Context
from slipway.controller.endpoints import purpose_key
from slipway.controller.hosting import config_names_of
from slipway.controller.orm import Deployment, ModelVersion
from slipway.controller.serving import endpoint_name
from slipway.errors import FailedBeforeError

_LINE = "\n"
_ENDED_BADLY = frozenset({"rolled_back", "aborted", "failed"})


def check_not_failed_before(context: Context, version: ModelVersion) -> None:
    """Raise FailedBeforeError for a config whose last deployment ended badly.

    One that SageMaker was never sent did not fail; one that a person rolled back from
    did. Collected and made anew it is the same, by another name.
    """
    records, name = context.store.records, endpoint_name(context)
    names = config_names_of(context, version)
    words = [records.last_word_on(name, config) for config in names]
    last = max(filter(None, words), key=lambda word: word.id, default=None)
    if last is None:
        return
    if last.endpoint_config_name not in names:  # a rollback from it
        bad, reason = last.state == "succeeded", last.decision_reason
    else:
        bad = last.state in _ENDED_BADLY and _was_sent(context, last)
        reason = last.reason
    if bad:
        message = (
            f"Version {version.version} did not serve well on {last.changed_at:%Y-%m-%d}:"
            f" {(reason.partition(_LINE)[0] or last.state).rstrip('.')}. The same config is"
            " not sent again: change the model or its model.yaml, or take it upon yourself: invoke"
            f" promote --model {version.model} --version {version.version}"
        )
        raise FailedBeforeError(message)


def _was_sent(context: Context, deployment: Deployment) -> bool:
    """Tell whether SageMaker took an update of the endpoint to the config on."""
    key = purpose_key(context, deployment, f"roll-out-{deployment.attempt}")
    operation = context.store.records.latest_operation(key)
    return operation is not None and bool(operation.request_id or operation.arn)
