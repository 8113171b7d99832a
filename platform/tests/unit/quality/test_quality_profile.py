import datetime as dt
import json

import pyarrow as pa
import pytest

from slipway.quality.profile import TOP, describe, profile_of


def column(values: list[object], kind: pa.DataType | None = None) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(values, kind)])


def test_numbers_are_described_by_moments_quantiles_and_a_histogram() -> None:
    found = describe(column([*map(float, range(1, 101)), None]))

    assert found["type"] == "number"
    assert (found["count"], found["null_count"]) == (101, 1)
    assert found["mean"] == pytest.approx(50.5)
    assert found["std"] == pytest.approx(29.0115, abs=1e-4)
    assert found["quantiles"]["0.5"] == pytest.approx(50.5)
    assert len(found["histogram"]["edges"]) == 11
    assert found["histogram"]["counts"] == [10] * 10


@pytest.mark.parametrize("values", [[3, 3, 3], [3], [0, 0, 0, 1]])
def test_a_histogram_counts_every_value_however_few_differ(
    values: list[object],
) -> None:
    found = describe(column(values))

    assert sum(found["histogram"]["counts"]) == len(values)
    assert found["type"] == "integer"


def test_words_are_described_by_the_most_frequent() -> None:
    words = [f"w{number}" for number in range(60) for _ in range(60 - number)]

    found = describe(column([*words, None]))

    assert found["distinct"] == 60
    assert found["top"][0] == {"value": "w0", "count": 60}
    assert len(found["top"]) == TOP
    assert sum(item["count"] for item in found["top"]) + found["other_count"] == 1830


def test_booleans_dates_and_empty_columns_are_described() -> None:
    assert describe(column([True, False, True]))["top"][0] == {
        "value": True,
        "count": 2,
    }
    assert describe(column([dt.date(2026, 1, 1)]))["min"] == "2026-01-01"
    assert describe(column([None], pa.float64()))["null_share"] == 1.0


def test_a_profile_tells_the_target_from_the_features_and_is_json() -> None:
    profile = profile_of(pa.table({"a": [1.5, None], "y": [0, 1]}), target="y")

    assert list(profile["features"]) == ["a"]
    assert profile["target"]["name"] == "y"
    assert json.loads(json.dumps(profile, allow_nan=False)) == profile
