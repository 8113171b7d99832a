import soak_run


def test_nothing_acknowledged_is_lost_by_ten_kills(tmp_path):
    said = []

    ledger = soak_run.soaked(tmp_path, "process", kills=10, seed=4, say=said.append)

    assert ledger.violations == []
    assert {"objects", "training jobs", "processing jobs"} <= set(ledger.counts)
    assert len(said) >= 5
