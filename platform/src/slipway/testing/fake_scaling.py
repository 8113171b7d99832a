"""Application Auto Scaling in memory: the gateway's method that looks at it."""

from slipway.sagemaker.scaling import Bounds


class FakeScaling:
    """What scales variants."""

    def __init__(self) -> None:
        #: By endpoint and variant.
        self.held: dict[tuple[str, str], Bounds] = {}

    def bounds(self, endpoint: str, variant: str) -> Bounds | None:
        """Return within which bounds a variant is scaled."""
        return self.held.get((endpoint, variant))
