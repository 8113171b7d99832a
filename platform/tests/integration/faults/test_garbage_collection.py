import pytest
from fault_kinds import crash
from garbage_rig import Churn

from slipway.controller.exclusive import moving
from slipway.controller.garbage.tombstones import retire_run, retire_version
from slipway.controller.orm import Step
from slipway.controller.store.calls import intend
from slipway.errors import InvalidRequestError
from slipway.testing import invariants
from slipway.testing.mortal import CrashError
from slipway.testing.rows import operation_row, run_row


@pytest.fixture
def churn(world, tmp_path):
    """Five versions; 3 served, 4 serves, and nothing else goes on."""
    made = Churn(world, tmp_path / "locks")
    run = world.store.records.run("r1")
    world.store.advance(run, "succeed")
    for number in range(1, 6):
        made.version(number)
    made.deploy(3)
    made.deploy(4)
    world.faults.clear()
    return made


def retire(churn, number):
    return retire_version(churn.estate, "churn", number, "leaked labels", lambda: None)


ALL = [1, 2, 3, 4, 5]
#: 5 is the last version, 4 serves, 3 is what 4 goes back to.
KEPT = [3, 4, 5]


def test_a_dry_run_names_what_would_go_with_reasons_and_deletes_nothing(churn):
    found = churn.gc(apply=False)

    for number in (1, 2):
        assert found["endpoint_config", churn.name(number)] == "would go"
        assert found["sagemaker_model", churn.name(number)] == "would go"
    assert "can go back to it" in found["endpoint_config", churn.name(3)]
    assert "serves it" in found["endpoint_config", churn.name(4)]
    assert "one of the last 1 versions" in found["endpoint_config", churn.name(5)]
    assert churn.there() == {"configs": ALL, "models": ALL, "files": ALL}
    assert churn.world.calls("Delete*") == []


def test_what_nothing_needs_goes_and_what_serves_goes_on(churn):
    churn.gc()

    assert churn.there() == {"configs": KEPT, "models": KEPT, "files": ALL}
    assert (
        churn.world.gateway.describe("endpoint", churn.endpoint).status == "InService"
    )
    database = churn.store.database
    seen = [(call.operation, call.name) for call in churn.world.calls("Delete*")]
    assert invariants.every_call_is_logged(database, seen) == []
    assert invariants.history_is_the_state(database) == []
    gone = {name: fate for name, fate in churn.gc().items() if fate == "gone"}
    assert gone == {}


def test_a_version_that_was_collected_can_be_made_again(churn):
    churn.gc()
    churn.make(1)
    assert 1 in churn.there()["configs"]

    churn.gc()

    assert churn.there()["configs"] == KEPT


def test_files_go_after_a_tombstone_only_and_the_tombstone_stays(churn):
    retire(churn, 1)

    found = churn.gc()

    assert found["version", "1"] == "gone"
    assert churn.there()["files"] == [2, 3, 4, 5]
    tombstone = churn.estate.layout("churn").tombstone("version", "1")
    assert churn.estate.objects.read_json(tombstone)["reason"] == "leaked labels"
    assert churn.row(1).state == "retired"


def test_files_whose_tombstone_is_missing_are_kept(churn):
    retire(churn, 1)
    tombstone = churn.estate.layout("churn").tombstone("version", "1")
    churn.s3.delete_object(Bucket=tombstone.bucket, Key=tombstone.key)

    assert "tombstone is not in S3" in churn.gc()["version", "1"]

    retire(churn, 1)
    assert churn.gc()["version", "1"] == "gone"


def test_what_an_endpoint_can_go_back_to_cannot_be_retired(churn):
    with pytest.raises(InvalidRequestError) as caught:
        retire(churn, 3)

    said = f"Version 3 of churn cannot be retired: {churn.endpoint} can go back to it"
    assert str(caught.value).startswith(said)
    assert "Deploy another first: invoke deploy --model churn" in str(caught.value)
    assert churn.row(3).state != "retired"
    churn.deploy(5)
    retire(churn, 3)
    assert churn.row(3).state == "retired"


def test_the_files_of_a_retired_version_stay_while_an_endpoint_can_go_back_to_it(churn):
    """An earlier release retired it all the same."""
    churn.store.advance(churn.row(3), "retire", "leaked labels")

    assert "can go back to it" in churn.gc(keep=0)["version", "3"]


def test_what_serves_cannot_be_retired(churn):
    with pytest.raises(InvalidRequestError, match="champion"):
        retire(churn, 4)
    assert churn.row(4).state == "champion"
    tombstone = churn.estate.layout("churn").tombstone("version", "4")
    assert not churn.estate.objects.exists(tombstone)


def test_what_an_endpoint_was_put_on_by_hand_cannot_be_retired(churn):
    churn.world.sagemaker.update_endpoint(
        EndpointName=churn.endpoint, EndpointConfigName=churn.name(2)
    )

    with pytest.raises(InvalidRequestError, match="serves it"):
        retire(churn, 2)
    found = churn.gc(keep=0)
    assert "serves it" in found["endpoint_config", churn.name(2)]
    assert "serves it" in found["sagemaker_model", churn.name(2)]


def test_what_is_retired_twice_keeps_its_first_reason(churn):
    retire(churn, 1)
    retire_version(churn.estate, "churn", 1, "another", lambda: None)

    assert churn.row(1).reason == "leaked labels"
    tombstone = churn.estate.layout("churn").tombstone("version", "1")
    assert churn.estate.objects.read_json(tombstone)["reason"] == "leaked labels"


def test_a_run_whose_version_serves_cannot_be_retired(churn):
    with pytest.raises(InvalidRequestError, match="champion"):
        retire_run(churn.estate, "r1", "a mistake", lambda: None)


def test_the_files_of_a_retired_run_go_unless_another_needs_them(churn):
    store = churn.store
    for run_id in ("r2", "r3"):
        store.advance(store.add(run_row(run_id)), "fail")
        key = f"local/churn/runs/{run_id}/extract/part"
        churn.s3.put_object(Bucket=churn.bucket, Key=key, Body=b"rows")
        retire_run(churn.estate, run_id, "a mistake", lambda: None)
    store.add(run_row("r4"))
    step = Step(
        run_id="r4",
        model="churn",
        environment="local",
        name="extract",
        digest="d",
        reused_from="r3",
    )
    store.add(step)

    found = churn.gc()

    assert found["run", "r2"] == "gone"
    assert "run r4 took its outputs" in found["run", "r3"]
    listed = churn.s3.list_objects_v2(Bucket=churn.bucket, Prefix="local/churn/runs/")
    assert [item["Key"] for item in listed["Contents"]] == [
        "local/churn/runs/r3/extract/part"
    ]


@pytest.mark.parametrize("event", ["call", "answered", "commit"])
def test_a_crash_midway_is_gone_on_with_by_the_same_command(churn, event):
    hooks = churn.world.hooks
    hooks.at(event, crash)
    hooks.on = True
    with pytest.raises(CrashError):
        churn.gc()
    hooks.on = False

    churn.gc()

    assert churn.there()["configs"] == churn.there()["models"] == KEPT
    for operation in ("DeleteEndpointConfig", "DeleteModel"):
        calls = churn.world.calls(operation)
        done = [call.name for call in calls if call.executed]
        assert sorted(done) == [churn.name(1), churn.name(2)]
    assert invariants.history_is_the_state(churn.store.database) == []


def test_an_interrupted_collection_leaves_no_delete_that_was_never_made(churn):
    def interrupt():
        raise KeyboardInterrupt

    hooks = churn.world.hooks
    hooks.at("call", interrupt)
    hooks.on = True
    with pytest.raises(KeyboardInterrupt):
        churn.gc()
    hooks.on = False

    churn.gc()

    assert churn.there()["configs"] == churn.there()["models"] == KEPT


def test_a_delete_that_was_intended_is_taken_back_when_the_thing_is_needed(churn):
    hooks = churn.world.hooks
    hooks.at("call", crash)
    hooks.on = True
    with pytest.raises(CrashError):
        churn.gc()
    hooks.on = False
    key = f"local/churn/endpoint_config/{churn.name(2)}/delete/1"
    assert churn.store.records.latest_operation(key).state == "intended"

    churn.deploy(2)
    churn.gc()

    assert churn.store.records.latest_operation(key).state == "stopped"
    assert 2 in churn.there()["configs"]


def test_nothing_is_collected_while_a_command_moves_the_model(churn):
    with moving(churn.estate.mover("churn"), lambda _seen: None):
        assert churn.gc() is None

    assert churn.there()["configs"] == ALL


def test_what_a_deployment_left_unfinished_needs_is_kept(churn):
    churn.store.advance(churn.begin(1), "update")

    found = churn.gc(keep=0)

    assert "a deployment to" in found["endpoint_config", churn.name(1)]
    assert churn.there()["models"] == [1, 3, 4]
    with pytest.raises(InvalidRequestError, match="rolled out"):
        retire(churn, 1)


def test_a_config_that_somebody_made_anew_by_hand_is_left_alone(churn):
    name = churn.name(1)
    sagemaker = churn.world.sagemaker
    variants = sagemaker.describe_endpoint_config(EndpointConfigName=name)[
        "ProductionVariants"
    ]
    sagemaker.delete_endpoint_config(EndpointConfigName=name)
    sagemaker.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=variants
    )

    assert "not the one that Slipway made" in churn.gc()["endpoint_config", name]
    assert 1 in churn.there()["configs"]


def test_images_of_versions_that_may_serve_stay_and_those_of_retired_ones_go(churn):
    retire(churn, 1)
    retire(churn, 2)
    churn.pictures.busy = {churn.image(2)}

    found = churn.gc()

    assert found["image", churn.image(1)] == "gone"
    assert found["image", churn.image(2)] == "it runs"
    assert [image.uri for image in churn.pictures.held] == [
        churn.image(number) for number in (2, 3, 4, 5)
    ]


def test_a_job_that_is_under_way_keeps_the_model_that_it_runs(churn):
    row = operation_row("local/churn/transform/x")
    row.resource, row.call = "transform_job", "CreateTransformJob"
    row.payload = {"TransformJobName": row.name, "ModelName": churn.name(1)}
    churn.store.advance(intend(churn.store, row, None, "d")[0], "submit")

    assert "is submitted" in churn.gc()["sagemaker_model", churn.name(1)]
