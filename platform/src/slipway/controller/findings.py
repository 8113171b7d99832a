"""What a look at an environment found that a person should know."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

Kind = Literal["drift", "stuck", "conflict", "unseen", "orphan"]


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be: what, where, and what to do next."""

    kind: Kind
    #: Empty: it belongs to no model that is known.
    model: str
    #: The word for the resource in `sagemaker.resources`, `deployment`, `run` or `step`.
    resource: str
    name: str
    message: str
    #: Whether it was found now, and is in the history since; else it was known before.
    new: bool = True

    def as_dict(self) -> Mapping[str, object]:
        """Return it as JSON values."""
        return asdict(self)
