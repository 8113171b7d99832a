from collections import Counter

from crowd_worker import OPERATIONS, crowd, intent

from slipway.testing import invariants

WORKERS = 8


def test_eight_processes_lose_no_update_meet_no_lock_and_make_nothing_twice(
    store, url, tmp_path
):
    folder = tmp_path / "sagemaker"
    folder.mkdir()

    assert crowd(url, folder, WORKERS) == [0] * WORKERS

    assert store.records.run("r1").revision == 1 + WORKERS * OPERATIONS
    operations = store.records.operations("r1")
    assert len(operations) == OPERATIONS
    assert {(each.state, each.generation) for each in operations} == {("succeeded", 1)}
    names = {intent(number).name(1) for number in range(OPERATIONS)}
    assert {file.name for file in folder.iterdir()} - {
        f"{worker}.calls" for worker in range(WORKERS)
    } == names
    calls = Counter(
        name for log in folder.glob("*.calls") for name in log.read_text().splitlines()
    )
    seen = [("CreateModel", name) for name in calls.elements()]
    assert invariants.every_call_is_logged(store.database, seen) == []
    assert invariants.history_is_the_state(store.database) == []
