import pytest
from fault_cell import Cell
from fault_kinds import FAULTS, WAITED
from fault_operations import OPERATIONS
from fault_puts import PUTS

CELLS = [
    (name, code)
    for name, operation in OPERATIONS.items()
    for code in (WAITED if operation.kind == "waits" else FAULTS)
]


@pytest.mark.parametrize(("name", "code"), CELLS)
def test_the_cell_holds(world, name, code, tmp_path, record_property):
    record_property("fault", code)
    cell = PUTS.get(name, Cell)(world, name, code, FAULTS[code], tmp_path)

    assert cell.judge() == []
