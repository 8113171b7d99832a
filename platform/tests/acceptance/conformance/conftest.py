"""The rig of the conformance suite, and what the suite demands of its tests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conformance_claims import missing_words
from conformance_record import CALLED, CLAIM, REFUSED, SEEN
from conformance_requests import create_model, training, variant
from conformance_rig import Rig
from conformance_target import Target, aws_is_meant, aws_target, local_target


@pytest.fixture(scope="session")
def target(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Target]:
    """Where the suite runs: AWS where the environment names a role there."""
    if aws_is_meant():
        yield aws_target()
        return
    root = tmp_path_factory.mktemp("conformance")
    executor = request.config.getoption("--conformance-executor")
    with local_target(root, executor) as made:
        yield made


@pytest.fixture(scope="session")
def rig(target: Target) -> Iterator[Rig]:
    """Clients of the target; what was created is deleted at the end."""
    rig = Rig(target)
    yield rig
    rig.delete_all()


@pytest.fixture(autouse=True)
def told(request: pytest.FixtureRequest, rig: Rig) -> Iterator[None]:
    """Report what a test claims and calls, and hold its words against AWS's model."""
    claims = list(request.node.iter_markers("claim"))
    assert claims, "say where it is from: @documented, @guide, @field or @ours"
    lacking = [missing_words(*claim.args[1:]) for claim in claims if _quoted(claim)]
    assert not any(lacking), f"AWS's model does not say so: {lacking}"
    for claim in claims:
        request.node.user_properties.append((CLAIM, "|".join(claim.args)))
    yield
    for operation in sorted(rig.called):
        request.node.user_properties.append((CALLED, operation))
    for kept, noted in ((SEEN, rig.seen), (REFUSED, rig.refused)):
        request.node.user_properties += [(kept, each) for each in sorted(noted)]
        noted.clear()
    rig.called.clear()


def _quoted(claim: pytest.Mark) -> bool:
    kind, source, _ = claim.args
    return kind == "documented" and source.isalpha()


@pytest.fixture
def local(target: Target) -> Any:
    """The local server; a test that needs its switches is skipped on AWS."""
    if target.server is None:
        pytest.skip("needs the local server's fault switches")
    return target.server


@pytest.fixture(scope="session")
def train(rig: Rig) -> Callable[..., str]:
    """Starts training jobs: hyperparameters are wishes of the container."""

    def start(wishes: dict[str, str] | None = None, **changes: Any) -> str:
        name = changes.pop("name", None) or rig.name()
        wished = {"HyperParameters": wishes} if wishes else {}
        rig.sagemaker.create_training_job(**training(rig, name, **wished, **changes))
        return name

    return start


@pytest.fixture(scope="session")
def trained(rig: Rig, train: Callable[..., str]) -> dict[str, Any]:
    """A training job that is completed."""
    tags = [{"Key": "team", "Value": "risk"}]
    name = train({"answer": "trained", "depth": "3"}, Tags=tags)
    return rig.settled("training job", name)


@pytest.fixture(scope="session")
def model_name(rig: Rig) -> str:
    """A model whose container answers `first`."""
    return create_model(rig, answer="first")


@pytest.fixture(scope="session")
def configured(rig: Rig) -> Callable[..., str]:
    """Makes endpoint configs, each of a model of its own that gives an answer."""

    def make(answer: str = "first", **changes: Any) -> str:
        name = rig.name()
        rig.sagemaker.create_endpoint_config(
            EndpointConfigName=name,
            ProductionVariants=[variant(create_model(rig, answer=answer), **changes)],
        )
        return name

    return make


@pytest.fixture(scope="session")
def serve(rig: Rig) -> Callable[[str], dict[str, Any]]:
    """Creates an endpoint of a config and waits until it is settled."""

    def start(config: str) -> dict[str, Any]:
        name = rig.name()
        rig.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
        return rig.settled("endpoint", name)

    return start


@pytest.fixture(scope="session")
def endpoint(
    configured: Callable[..., str], serve: Callable[[str], dict[str, Any]]
) -> dict[str, Any]:
    """An endpoint in service; tests leave it as it is."""
    return serve(configured())
