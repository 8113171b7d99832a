import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.sagemaker_local.cloudwatch.evaluation import Datapoint, Rule, verdict
from slipway.sagemaker_local.cloudwatch.reasons import reason

TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
VALUES = {"0": 0.0, "X": 9.0, "-": None}
SHORT = {"A": "ALARM", "O": "OK", "I": "INSUFFICIENT_DATA", ".": None}
#: From "Configuring how CloudWatch alarms treat missing data": five datapoints, and the
#: state for each treatment in the order of TREATMENTS; `.` keeps the state.
THREE_OF_THREE = {
    "0-X-X": "OOOO",
    "0----": "OOOO",
    "----0": "OOOO",
    "-----": "I.AO",
    "0XX-X": "AAAA",
    "----X": "I.AO",
    "X----": "A.AO",
    "--X--": "A.AO",
}
TWO_OF_THREE = {
    "0-X-X": "AAAA",
    "00X0X": "AAAA",
    "0-X--": "OOAO",
    "----0": "OOAO",
    "----X": "I.AO",
    "---X-": "A.AO",
}


def rule(breaching=3, periods=3, missing="missing", **changes):
    settings = {
        "period": 60,
        "periods": periods,
        "breaching": breaching,
        "threshold": 3.0,
        "comparison": "GreaterThanThreshold",
        "missing": missing,
        "statistic": "Average",
    }
    return Rule(**{**settings, **changes})


def points(text):
    return [Datapoint(60 * n, VALUES[each], 1) for n, each in enumerate(text)]


@pytest.mark.parametrize(
    ("breaching", "text", "states"),
    [(3, *row) for row in THREE_OF_THREE.items()]
    + [(2, *row) for row in TWO_OF_THREE.items()],
)
def test_a_state_is_as_in_the_tables_of_cloudwatchs_guide(breaching, text, states):
    found = [
        verdict(rule(breaching, missing=each), points(text)).state
        for each in TREATMENTS
    ]

    assert found == [SHORT[each] for each in states]


@given(
    text=st.text("0X", min_size=5, max_size=5),
    breaching=st.integers(1, 3),
    missing=st.sampled_from(TREATMENTS),
)
def test_without_a_gap_the_last_datapoints_decide(text, breaching, missing):
    alarm = text[-3:].count("X") >= breaching

    found = verdict(rule(breaching, missing=missing), points(text))

    assert found.state == ("ALARM" if alarm else "OK")


@given(
    text=st.text("0X-", min_size=5, max_size=5),
    breaching=st.integers(1, 3),
)
def test_missing_data_that_breaches_is_never_better_than_data_that_does_not(
    text, breaching
):
    bad, good = (
        verdict(rule(breaching, missing=each), points(text)).state
        for each in ("breaching", "notBreaching")
    )

    assert {bad, good} <= {"ALARM", "OK"}
    assert (bad, good) != ("OK", "ALARM")


@given(text=st.text("0X-", min_size=5, max_size=5), breaching=st.integers(1, 3))
def test_only_ignored_gaps_keep_a_state_and_only_missing_ones_are_insufficient(
    text, breaching
):
    for missing in TREATMENTS:
        state = verdict(rule(breaching, missing=missing), points(text)).state
        assert state is not None or missing == "ignore"
        assert state != "INSUFFICIENT_DATA" or missing == "missing"


@pytest.mark.parametrize(
    ("comparison", "breach"),
    [
        ("GreaterThanThreshold", (False, False, True)),
        ("GreaterThanOrEqualToThreshold", (False, True, True)),
        ("LessThanThreshold", (True, False, False)),
        ("LessThanOrEqualToThreshold", (True, True, False)),
    ],
)
def test_each_comparison_has_its_side_of_the_threshold(comparison, breach):
    compared = rule(comparison=comparison)

    assert tuple(compared.breaches(value) for value in (2.0, 3.0, 4.0)) == breach


@pytest.mark.parametrize(
    ("of", "text", "state", "said"),
    [
        (
            rule(1, 1),
            "--X",
            "ALARM",
            (
                "Threshold Crossed: 1 out of the last 1 datapoints [9.0 (01/01/70 "
                "00:02:00)] was greater than the threshold (3.0) (minimum 1 datapoint for "
                "OK -> ALARM transition)."
            ),
        ),
        (
            rule(1, 1, comparison="GreaterThanOrEqualToThreshold"),
            "--0",
            "OK",
            (
                "Threshold Crossed: 1 out of the last 1 datapoints [0.0 (01/01/70 "
                "00:02:00)] was not greater than or equal to the threshold (3.0) (minimum 1 "
                "datapoint for ALARM -> OK transition)."
            ),
        ),
        (rule(1, 1), "---", "INSUFFICIENT_DATA", "1 datapoint was unknown."),
        (rule(3, 3), "-----", "INSUFFICIENT_DATA", "3 datapoints were unknown."),
        (
            rule(1, 1, "breaching"),
            "---",
            "ALARM",
            (
                "Threshold Crossed: no datapoints were received for 1 period and 1 missing "
                "datapoint was treated as [Breaching]."
            ),
        ),
        (
            rule(2, 2, "notBreaching"),
            "----",
            "OK",
            (
                "no datapoints were received for 2 periods and 2 missing datapoints were "
                "treated as [NonBreaching]."
            ),
        ),
        (
            rule(2, 2, "breaching"),
            "---X",
            "ALARM",
            (
                "the threshold (3.0), and 1 missing datapoint was treated as [Breaching] "
                "(minimum 2 datapoints for OK -> ALARM transition)."
            ),
        ),
    ],
)
def test_a_state_has_cloudwatchs_reason(of, text, state, said):
    found = verdict(of, points(text))

    assert found.state == state
    assert said in reason(of, found, found.state)
