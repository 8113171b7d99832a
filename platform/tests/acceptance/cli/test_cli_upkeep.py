import pytest

MODEL = "tumor_malignancy"

pytestmark = pytest.mark.xdist_group("cli_upkeep")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("operations", "--state", "suceeded"), "Did you mean 'succeeded'?"),
        (("operations", "--limit", "0"), "--limit 0 is not 1 to 1000"),
        (("operations", "--limit", "1001"), "page on with --after"),
        (("operations", "--model", "tumor_malignanc"), "Did you mean"),
        (("reconcile", "--once", "--watch"), "exclude each other"),
        (("plan", "--model", "tumor_malignanc"), "Did you mean"),
        (("plan", "--model", MODEL, "--date", "soon"), "is not a date"),
        (("plan", "--model", MODEL, "--param", "a"), "is not name=value"),
        (("explain", "--model", MODEL, "--step", "transfrom"), "Did you mean"),
    ],
)
def test_what_cannot_be_asked_is_one_line_and_the_same_for_machines(home, words, said):
    outcome = home.invoke(*words)
    machine = home.invoke(*words, "--json")

    assert (outcome.exit_code, machine.exit_code) == (2, 2), outcome.errors
    [line] = outcome.errors.splitlines()
    assert said in line
    assert said in machine.data["error"]["message"]


def test_a_ledger_without_a_line_is_an_answer_too(home):
    outcome = home.invoke("operations")

    assert (outcome.exit_code, outcome.output.strip()) == (0, "No such operation")
    assert home.invoke("operations", "--json").data == {"operations": [], "next": None}
