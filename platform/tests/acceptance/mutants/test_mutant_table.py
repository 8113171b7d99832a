import pytest
from mutant_table import MUTANTS, SOURCE


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_changes_one_place_of_the_controller(mutant):
    text = (SOURCE / mutant.path).read_text()

    assert text.count(mutant.before) == 1
    compile(text.replace(mutant.before, mutant.after), str(mutant.path), "exec")
