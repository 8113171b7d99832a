import pytest

from slipway.sagemaker.service_model import service_model
from slipway.sagemaker_local.executors.instances import (
    GIB,
    GIB_PER_CPU,
    SOURCES,
    SPECIAL,
    Limits,
    limits,
)

ENUMS = (
    "ProcessingInstanceType",
    "TrainingInstanceType",
    "TransformInstanceType",
    "ProductionVariantInstanceType",
)


def instance_types():
    model = service_model("sagemaker")
    return sorted({each for enum in ENUMS for each in model.shape_for(enum).enum})


def test_every_family_of_sagemakers_is_in_the_table_and_no_other():
    families = {each.split(".")[1] for each in instance_types()}

    assert families == set(GIB_PER_CPU)
    assert set(SPECIAL) <= set(instance_types())


def test_the_newest_families_say_where_their_sizes_are_from():
    newest = {each for each in GIB_PER_CPU if each.startswith(("g7", "p6"))}

    assert set(SOURCES) == newest


@pytest.mark.parametrize("instance_type", instance_types())
def test_every_type_has_processors_and_memory_of_its_size(instance_type):
    found = limits(instance_type)

    assert 1 <= found.cpus <= 384
    assert 1.6 <= found.memory / GIB / found.cpus <= 22
    assert (found.memory * 4) % GIB == 0


@pytest.mark.parametrize(
    ("instance_type", "cpus", "gib"),
    [
        ("ml.t2.medium", 2, 4),
        ("ml.t3.large", 2, 8),
        ("ml.m5.large", 2, 8),
        ("ml.m5.xlarge", 4, 16),
        ("ml.m4.10xlarge", 40, 160),
        ("ml.m8g.medium", 1, 4),
        ("ml.c4.large", 2, 3.75),
        ("ml.c4.8xlarge", 36, 60),
        ("ml.c5.2xlarge", 8, 16),
        ("ml.c5.18xlarge", 72, 144),
        ("ml.c5n.xlarge", 4, 10.5),
        ("ml.c5n.18xlarge", 72, 192),
        ("ml.r5.large", 2, 16),
        ("ml.r5.24xlarge", 96, 768),
        ("ml.g4dn.xlarge", 4, 16),
        ("ml.g6e.xlarge", 4, 32),
        ("ml.g7.8xlarge", 32, 128),
        ("ml.g7.48xlarge", 192, 768),
        ("ml.g7e.2xlarge", 8, 64),
        ("ml.g7e.48xlarge", 192, 2048),
        ("ml.p2.xlarge", 4, 61),
        ("ml.p3.2xlarge", 8, 61),
        ("ml.p3.16xlarge", 64, 488),
        ("ml.p4d.24xlarge", 96, 1152),
        ("ml.p5.48xlarge", 192, 2048),
        ("ml.p6-b200.48xlarge", 192, 2048),
        ("ml.p6-b300.48xlarge", 192, 4096),
        ("ml.p6e-gb200.36xlarge", 144, 960),
        ("ml.inf1.6xlarge", 24, 48),
        ("ml.trn1.32xlarge", 128, 512),
        ("ml.trn2.48xlarge", 192, 2048),
        ("ml.something.2xlarge", 8, 32),
        ("something", 2, 8),
    ],
)
def test_a_type_is_as_large_as_awss(instance_type, cpus, gib):
    assert limits(instance_type) == Limits(cpus, int(gib * GIB))
