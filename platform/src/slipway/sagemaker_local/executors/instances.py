"""The processors and memory of SageMaker's instance types."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

GIB = 1024**3
#: The families by their GiB of memory for each processor, as AWS's pages on instance
#: types have it.
_FAMILIES: Mapping[float, str] = {
    1.875: "c4",
    2: "c5 c5d c6g c6gd c6gn c6i c6in c7g c7i c7i-flex c8g c8i c8i-flex inf1",
    2.625: "c5n",
    4: "m4 m5 m5d m6g m6gd m6i m7i m7i-flex m8g m8i m8i-flex t2 t3 "
    "g4dn g5 g6 g7 inf2 trn1 trn1n",
    6.667: "p6e-gb200",
    7.625: "p3",
    8: "r5 r5d r6g r6gd r6i r7gd r7i r8g r8i r8i-flex g6e g7e p3dn dl1",
    10.667: "p5 p5e p5en p6-b200 trn2",
    12: "p4d p4de",
    15.25: "p2",
    21.333: "p6-b300",
}
GIB_PER_CPU: Mapping[str, float] = {
    family: ratio for ratio, names in _FAMILIES.items() for family in names.split()
}
#: Where the newest families' sizes were read, which few of AWS's pages have yet.
SOURCES: Mapping[str, str] = {
    "g7": "github.com/kubernetes/autoscaler/issues/9854",
    "g7e": "github.com/aws/sagemaker-hyperpod-cli/pull/390",
    "p6-b200": "github.com/openshift/openshift-docs/pull/98009",
    "p6-b300": "instances.vantage.sh/aws/ec2/p6-b300.48xlarge",
    "p6e-gb200": "github.com/aws/sagemaker-hyperpod-cli, INSTANCE_RESOURCES",
}
#: What no rule gives: processors and GiB.
SPECIAL: Mapping[str, tuple[int, int]] = {
    "ml.t2.medium": (2, 4),
    "ml.t3.medium": (2, 4),
    "ml.c4.8xlarge": (36, 60),
    "ml.c5n.9xlarge": (36, 96),
    "ml.c5n.18xlarge": (72, 192),
    "ml.g7e.12xlarge": (48, 512),
    "ml.g7e.24xlarge": (96, 1024),
    "ml.g7e.48xlarge": (192, 2048),
    "ml.p2.16xlarge": (64, 732),
    "ml.p3.2xlarge": (8, 61),
    "ml.p5.4xlarge": (16, 256),
}
#: Of families that came after this table.
_USUAL_GIB_PER_CPU = 4
_CPUS = {"medium": 1, "large": 2, "xlarge": 4}
_TYPE = re.compile(
    r"ml\.(?P<family>[a-z0-9-]+)\.(?P<times>\d*)(?P<size>medium|large|xlarge)"
)


@dataclass(frozen=True)
class Limits:
    """What a container may use."""

    cpus: int
    #: In bytes.
    memory: int


def limits(instance_type: str) -> Limits:
    """Return the limits of an instance type; one without a size counts as m5.large."""
    if instance_type in SPECIAL:
        cpus, whole = SPECIAL[instance_type]
        return Limits(cpus, whole * GIB)
    match = _TYPE.fullmatch(instance_type)
    if match is None:
        return limits("ml.m5.large")
    cpus = _CPUS[match["size"]] * int(match["times"] or 1)
    gib = cpus * GIB_PER_CPU.get(match["family"], _USUAL_GIB_PER_CPU)
    # To a quarter of a GiB: some ratios are rounded.
    return Limits(cpus, round(gib * 4) * GIB // 4)
