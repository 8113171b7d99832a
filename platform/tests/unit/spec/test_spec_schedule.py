import pytest

from slipway.spec.schedule import check_cron


@pytest.mark.parametrize(
    "text",
    [
        "0 6 * * 1",
        "*/15 * * * *",
        "0 0 1,15 * *",
        "0 9-17/2 * jan-mar mon-fri",
        "59 23 31 12 7",
        "0 5 1 * SUN",
    ],
)
def test_a_schedule_of_cron_is_taken_as_it_is(text):
    assert check_cron(text) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0 6 * *", "five fields"),
        ("@daily", "five fields"),
        ("60 6 * * 1", "'60' is no minute"),
        ("0 24 * * 1", "'24' is no hour"),
        ("0 6 0 * *", "'0' is no day of the month"),
        ("0 6 * 13 *", "'13' is no month"),
        ("0 6 * * 8", "'8' is no day of the week"),
        ("0 6 * * zz", "'zz' is no day of the week"),
        ("0 17-9 * * *", "'17-9' is no hour"),
        ("*/0 * * * *", "'*/0' is no minute"),
        ("0 6 * * 1,", "'' is no day of the week"),
        ("99 99 99 99 zz", "'99' is no minute"),
    ],
)
def test_a_field_out_of_its_range_is_named(text, said):
    with pytest.raises(ValueError, match=r"no |five") as refusal:
        check_cron(text)

    assert said in str(refusal.value)
