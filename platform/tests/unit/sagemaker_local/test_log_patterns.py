import pytest

from slipway.sagemaker_local.faults import AwsError
from slipway.sagemaker_local.logs.patterns import pattern_of


@pytest.mark.parametrize(
    ("text", "line", "wanted"),
    [
        ("", "anything", True),
        ("ERROR", "an ERROR here", True),
        ("ERROR", "an error here", False),
        ("ERROR disk", "disk: ERROR", True),
        ("ERROR disk", "ERROR", False),
        ('"POST /ping"', "POST /ping HTTP/1.1", True),
        (r'"say \"hi\""', 'they say "hi"', True),
        ("ERROR -disk", "ERROR: memory", True),
        ("ERROR -disk", "ERROR: disk", False),
        ('-"GET /ping"', "GET /ping", False),
        ("?ERROR ?WARN", "WARN", True),
        ("?ERROR ?WARN", "INFO", False),
    ],
)
def test_terms_choose_lines(text, line, wanted):
    assert pattern_of(text).matches(line) is wanted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{ $.level = 5 }", "patterns of JSON"),
        ("[ip, user]", "space-delimited fields"),
        ("%loss=.*%", "regular expressions"),
        ("loss=0.5", r"Invalid character\(s\) in term 'loss=0.5'"),
        ("?ERROR disk", "CloudWatch Logs would ignore"),
        ('"open', "Invalid"),
    ],
)
def test_what_is_more_than_terms_is_refused_by_its_name(text, said):
    with pytest.raises(AwsError, match=said) as refused:
        pattern_of(text)

    assert refused.value.code == "InvalidParameterException"
