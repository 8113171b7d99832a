import time

import pytest

from slipway.sagemaker_local.executors.contract import Collected, Condition, Phase
from slipway.sagemaker_local.jobs.mirror import Mirror
from slipway.sagemaker_local.jobs.plan import JobFaultError, Synced
from slipway.sagemaker_local.s3.objects import ObjectStore

OLD = 1_700_000_000.0


class Folder:
    """An executor of one workload with one folder: bytes and time by path."""

    def __init__(self):
        self.files = {}
        self.phase = Phase.RUNNING

    def collect(self, _handle, _folder):
        for path, (content, modified_at) in sorted(self.files.items()):
            yield Collected(path, len(content), iter((content,)), modified_at)

    def condition(self, _handle):
        return Condition(self.phase)


@pytest.fixture
def store(tmp_path):
    store = ObjectStore(tmp_path / "s3")
    store.create_bucket("bucket", "eu-west-1")
    yield store
    store.close()


@pytest.fixture
def folder():
    return Folder()


def mirror(store, folder, *, both_ways=True, uri="s3://bucket/check"):
    synced = Synced("/opt/ml/checkpoints", uri, both_ways=both_ways)
    return Mirror(store, folder, "handle", synced)


def there(store):
    return {each.key: each.modified_at for each in store.objects("bucket")}


def test_what_did_not_change_is_uploaded_once(store, folder):
    folder.files["a"] = (b"one", OLD)
    mirrored = mirror(store, folder)
    mirrored.sync()
    before = there(store)

    mirrored.sync()

    assert there(store) == before


def test_what_may_have_changed_within_its_second_is_uploaded_again(store, folder):
    folder.files["a"] = (b"one", time.time())
    mirrored = mirror(store, folder)
    mirrored.sync()
    folder.files["a"] = (b"two", folder.files["a"][1])

    mirrored.sync()

    _, file = store.open("bucket", "check/a")
    with file:
        assert file.read() == b"two"


def test_a_deletion_is_one_in_s3_only_where_both_ways_count(store, folder):
    for both_ways, left in ((True, set()), (False, {"check/a"})):
        folder.files["a"] = (b"one", OLD)
        mirrored = mirror(store, folder, both_ways=both_ways)
        mirrored.sync()
        folder.files.clear()

        mirrored.sync()

        assert set(there(store)) == left


def test_a_container_that_is_gone_deletes_nothing(store, folder):
    folder.files["a"] = (b"one", OLD)
    mirrored = mirror(store, folder)
    mirrored.sync()
    folder.files.clear()
    folder.phase = Phase.LOST

    mirrored.sync()

    assert set(there(store)) == {"check/a"}


def test_a_bucket_that_is_gone_fails_the_job_at_its_end(store, folder):
    folder.files["a"] = (b"one", OLD)
    mirrored = mirror(store, folder, uri="s3://nowhere/check")
    mirrored.resume()

    with pytest.raises(JobFaultError, match="Failed to upload to s3://nowhere/check"):
        mirrored.finish()
