"""What an operation comes to: its answer, its refusal, or a fault of the server."""

import logging
from collections.abc import Callable

from werkzeug.wrappers import Response

from slipway.sagemaker_local.faults import AwsError, is_full, storage_full

_LOG = logging.getLogger(__name__)


def outcome(
    work: Callable[[], Response],
    refuse: Callable[[AwsError], Response],
    *,
    crashed: AwsError,
) -> Response:
    """Return what `work` answers, or a refusal in place of whatever it raises."""
    try:
        return work()
    except AwsError as error:
        return refuse(error)
    except Exception as error:  # noqa: BLE001  # the entry point: the client gets no trace
        if isinstance(error, OSError) and is_full(error):
            return refuse(storage_full())
        _LOG.exception("request_crashed answered=%s", crashed.code)
        return refuse(crashed)
