"""What is known of an invocation once it is answered, for those who watch them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Invocation:
    """One InvokeEndpoint that reached a variant, and its answer."""

    region: str
    endpoint: str
    #: The endpoint config that served it.
    config: str
    variant: str
    #: Seconds since the epoch, in UTC.
    begun_at: float
    #: In seconds: what the container took, and what the server added to it.
    model_latency: float
    overhead_latency: float
    #: The caller's HTTP status: 200, 424 for the model's own error, 503 for no instance.
    status: int
    #: The container's HTTP status; 0 where it gave none.
    original_status: int
    request: bytes
    #: Empty where the container gave none.
    answer: bytes
    #: As the caller and the container sent them; None where they sent none.
    content_type: str | None
    answer_content_type: str | None
    inference_id: str | None
    #: The caller's CustomAttributes.
    custom_attributes: str | None
    #: Instances of the variant that were ready, at least 1.
    instances: int = 1
    #: DataCaptureConfig of the endpoint config; None where it has none.
    capture: Mapping[str, Any] | None = None


#: Told of each invocation on the thread that answers it: it must not block or raise.
Observer = Callable[[Invocation], None]
