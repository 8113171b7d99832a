"""The processors and memory of SageMaker's instance types."""

import re
from dataclasses import dataclass

GIB = 1024**3
#: GiB of memory for each processor, by the first letter of the family.
_GIB_PER_CPU = {"c": 2, "m": 4, "r": 8}
_DEFAULT_GIB_PER_CPU = 4
_CPUS = {"medium": 2, "large": 2, "xlarge": 4}
#: T instances have less memory for each processor in their smallest size.
_SMALLEST_T_GIB = 4
_TYPE = re.compile(r"ml\.(?P<family>[a-z0-9-]+)\.(?P<times>\d*)(?P<size>[a-z]+)")


@dataclass(frozen=True)
class Limits:
    """What a container may use."""

    cpus: int
    #: In bytes.
    memory: int


def limits(instance_type: str) -> Limits:
    """Return the limits of an instance type; an unknown size counts as `large`."""
    match = _TYPE.fullmatch(instance_type)
    if match is None:
        return Limits(_CPUS["large"], _CPUS["large"] * _DEFAULT_GIB_PER_CPU * GIB)
    times = int(match["times"] or 1)
    cpus = _CPUS.get(match["size"], _CPUS["large"]) * times
    ratio = _GIB_PER_CPU.get(match["family"][0], _DEFAULT_GIB_PER_CPU)
    memory = cpus * ratio
    if match["size"] == "medium" and match["family"].startswith("t"):
        memory = _SMALLEST_T_GIB
    return Limits(cpus, memory * GIB)
