from slipway.controller.store.listing import Wanted, every_operation, operation_page
from slipway.testing.rows import operation_row, run_row

ALL = Wanted("local")


def fill(store, number):
    return [store.add(operation_row(f"local/churn/{n}")) for n in range(number)]


def test_pages_go_from_new_to_old_and_miss_and_repeat_nothing(store):
    added = [row.id for row in fill(store, 7)]

    first = operation_page(store.database, ALL, limit=3)
    store.add(operation_row("local/churn/late"))
    second = operation_page(store.database, ALL, limit=3, after=first[-1].id)
    third = operation_page(store.database, ALL, limit=3, after=second[-1].id)

    seen = [line.id for page in (first, second, third) for line in page]
    assert seen == added[::-1]


def test_a_list_holds_one_model_and_one_environment_only(store):
    fill(store, 2)
    other = run_row("r2")
    other.model, other.environment = "fraud", "local"
    store.add(other)
    store.add(operation_row("local/fraud/1", "r2"))

    assert [line.model for line in every_operation(store.database, ALL)] == [
        "fraud",
        "churn",
        "churn",
    ]
    fraud = operation_page(store.database, Wanted("local", "fraud"), limit=9)
    assert [line.model for line in fraud] == ["fraud"]
    assert not operation_page(store.database, Wanted("staging"), limit=9)


def test_a_list_of_one_state_says_why_each_stands_there(store):
    first, _second = fill(store, 2)
    store.advance(first, "refuse", "1 validation error")

    [line] = operation_page(store.database, Wanted("local", "", ("failed",)), limit=9)

    assert (line.id, line.reason) == (first.id, "1 validation error")


def test_every_operation_comes_however_small_the_pages_are(store):
    fill(store, 5)

    assert len([*every_operation(store.database, ALL, page=2)]) == 5
