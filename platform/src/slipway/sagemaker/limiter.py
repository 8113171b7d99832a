"""What keeps calls below what an account may make."""

from typing import Protocol

#: The kind of a call, by how its name begins; of others: `mutate`.
_KINDS = {"Describe": "describe", "ListTags": "tags", "List": "list"}


class Limiter(Protocol):
    """Lets calls pass, one at a time."""

    def wait(self, kind: str) -> None:
        """Return when one more call of a kind may be made."""


class Unlimited:
    """Lets every call pass: nobody counts them on a laptop."""

    def wait(self, kind: str) -> None:
        """Do nothing."""


def kind_of(operation: str) -> str:
    """Return the kind of a call: `mutate`, `describe`, `tags` or `list`."""
    kinds = (kind for start, kind in _KINDS.items() if operation.startswith(start))
    return next(kinds, "mutate")
