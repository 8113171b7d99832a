"""A version's image whose tag is written over: seen before it serves, or taken back."""

import pytest
from rollout_rig import deployed, numbered

from slipway.controller.deployments import promote, roll_back
from slipway.errors import IntegrityError, StepFailedError

IMAGE, OTHER = "registry/b", "sha256:another"
ADVICE = "invoke deploy --model churn --force"


@pytest.mark.parametrize(
    "serve",
    [deployed, lambda world: promote(world.context(), 2)],
    ids=["deploy", "promote"],
)
def test_an_image_that_is_another_one_by_now_is_refused_before_any_call(serving, serve):
    serving.digests[IMAGE] = OTHER
    before, calls = serving.last.id, serving.sagemaker.calls[:]

    with pytest.raises(IntegrityError) as caught:
        serve(serving)

    assert str(caught.value) == (
        f"{IMAGE} is {OTHER} now, and version 2 was registered with sha256:{IMAGE}: its"
        " tag was written over, and nothing was begun. Bring that image back, or train in"
        f" today's: {ADVICE}"
    )
    assert (serving.last.id, serving.sagemaker.calls) == (before, calls)


def test_a_rollback_to_an_image_that_is_another_one_by_now_is_refused(serving):
    deployed(serving)
    serving.digests["registry/a"] = OTHER

    with pytest.raises(IntegrityError, match="version 1 was registered with"):
        roll_back(serving.context())

    assert (serving.served, serving.champion) == ("2", 2)


def test_an_image_that_nobody_here_knows_is_left_to_the_verification(serving):
    serving.digests[IMAGE] = ""

    assert deployed(serving).version == 2
    assert serving.last.image_digest == f"sha256:{IMAGE}"


@pytest.mark.parametrize(("resolved", "said"), [(OTHER, OTHER), ("", "no digest")])
def test_an_image_that_sagemaker_resolved_to_another_one_is_taken_back(
    serving, resolved, said
):
    serving.sagemaker.resolves[IMAGE] = resolved

    with pytest.raises(StepFailedError, match="its tag was written over") as caught:
        deployed(serving)

    assert f"The endpoint 'local-churn' runs {IMAGE} as" in str(caught.value)
    assert said in str(caught.value)
    assert ADVICE in str(caught.value)
    assert (serving.last.state, serving.champion, serving.served) == (
        "rolled_back",
        1,
        "1",
    )


def test_an_image_without_a_digest_is_verified_where_none_was_registered(serving):
    version = serving.version("c", image_digest="")
    serving.sagemaker.resolves["registry/c"] = ""

    assert deployed(serving, version.version).version == 3
    assert serving.served == "3"


def test_a_version_of_an_older_release_keeps_the_image_that_it_was_verified_with(
    serving,
):
    version = serving.version("c", image_digest="")
    deployed(serving, version.version)
    promote(serving.context(), 1)
    serving.sagemaker.resolves["registry/c"] = OTHER

    with pytest.raises(StepFailedError, match="version 3 has sha256:registry/c"):
        promote(serving.context(), 3)

    assert numbered(serving, 3).state == "superseded"
    assert serving.served == "1"
