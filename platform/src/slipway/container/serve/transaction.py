"""The id of one inference: taken from the request where it can be, else minted."""

import re
import uuid

#: The header that InvokeEndpoint passes a caller's inference id in.
REQUEST_HEADER = "X-Amzn-SageMaker-Inference-Id"
#: The only header of an answer that SageMaker passes on with a value of our own.
RESPONSE_HEADER = "X-Amzn-SageMaker-Custom-Attributes"

_VALID = re.compile(r"[A-Za-z0-9._:-]{1,64}", re.ASCII)


def transaction_id(given: str | None) -> str:
    """Return the caller's id when it is 1 to 64 of `A-Z a-z 0-9 . _ : -`, else a new one."""
    if given is not None and _VALID.fullmatch(given):
        return given
    return str(uuid.uuid4())
