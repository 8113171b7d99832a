"""What may go wrong with containers because a test asked for it."""

from typing import Protocol


class Hazards(Protocol):
    """Asked before a container starts, and when one is pinged."""

    def hold(self, operation: str, name: str) -> None:
        """Wait where the start of a container is to be slow."""

    def ping_fails(self, endpoint: str, variant: str) -> bool:
        """Say whether a ping of a variant is to fail."""
