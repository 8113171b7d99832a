"""The members and values of requests that the local SageMaker supports."""

from collections.abc import Mapping
from typing import Any

from slipway.sagemaker_local.supported.endpoints import ENDPOINTS
from slipway.sagemaker_local.supported.jobs import JOBS
from slipway.sagemaker_local.supported.models import MODELS
from slipway.sagemaker_local.supported.packages import PACKAGES
from slipway.sagemaker_local.supported.tags import TAGS

#: Ends the name of a member that must be given.
NEEDED = "!"
#: By operation; whatever is not here is refused by name. A member's value: None takes
#: anything that is valid, a tuple takes these values, a mapping takes these members (of
#: a structure, or of each structure in a list). A name that ends in `!` must be given,
#: where SageMaker's model leaves it open.
OPERATIONS: Mapping[str, Mapping[str, Any]] = dict(
    sorted({**TAGS, **JOBS, **MODELS, **PACKAGES, **ENDPOINTS}.items())
)
