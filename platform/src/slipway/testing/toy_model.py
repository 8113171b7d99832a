"""A small model folder, written where a test wants one and changed as it likes."""

import random
from collections.abc import Mapping
from pathlib import Path

#: The toy's files: it learns to tell large orders from small ones.
FILES: Mapping[str, str] = {
    "model.yaml": """\
name: toy
owner: tests@example.com
description: Which orders are returned
key: order_id
target: returned
sql:
  parameters:
    as_of: {type: date, default: run_date}
columns:
  order_id: {type: integer, unique: true}
  amount: {type: number, range: [0, 1000]}
  items: {type: integer, nullable: true}
  shop: {type: string, allowed: [north, south]}
  ordered_at: {type: date, freshness: 400d}
  returned: {type: integer, allowed: [0, 1]}
hyperparameters: {penalty: 1.0}
gates:
  roc_auc: {min: 0.6}
""",
    "extract.sql": """\
SELECT o.order_id, o.amount, o.items, s.name AS shop, o.ordered_at, o.returned
FROM orders AS o
JOIN shops AS s ON s.shop_id = o.shop_id
WHERE o.ordered_at <= :as_of
""",
    "preprocess.py": '''\
"""Features of an order."""

import pandas as pd


def preprocess(frame: pd.DataFrame) -> pd.DataFrame:
    """Add whether the order is from the north."""
    frame["is_north"] = frame["shop"] == "north"
    return frame.drop(columns=["ordered_at"])
''',
    "model.py": '''\
"""A logistic regression of the amount."""

from pathlib import Path

import pandas as pd
from sklearn.linear_model import LogisticRegression

from slipway.container import load_estimator, save_estimator


class Model:
    """Says how likely an order is returned."""

    def __init__(self, estimator=None):
        self.estimator = estimator

    def load_data(self, folder):
        return pd.read_parquet(folder)

    def train(self, train, validation, hyperparameters):
        estimator = LogisticRegression(C=hyperparameters["penalty"])
        self.estimator = estimator.fit(train[["amount"]], train["returned"])

    def predict(self, frame):
        scores = self.estimator.predict_proba(frame[["amount"]])[:, 1]
        return pd.DataFrame({"prediction": (scores >= 0.5).astype(int), "score": scores})

    def save(self, folder):
        save_estimator(self.estimator, Path(folder) / "model.skops")

    @classmethod
    def load(cls, folder):
        return cls(load_estimator(Path(folder) / "model.skops"))
''',
    "serve.py": '''\
"""The endpoint."""

from slipway.container import create_app
from toy.model import Model

app = create_app(Model)
''',
    "fixtures/parameters.json": '{"run_date": "2026-01-31", "parameters": {}}\n',
    "fixtures/request.json": (
        '{"instances": [{"amount": 900.5, "items": 3, "shop": "north",'
        ' "is_north": true}]}\n'
    ),
    "fixtures/warehouse/shops.csv": "shop_id,name\n1,north\n2,south\n",
}


def write_toy_model(
    models: Path, *, rows: int = 200, changes: Mapping[str, str] | None = None
) -> Path:
    """Write the toy model below `models`, with some files changed; return its folder."""
    folder = models / "toy"
    orders = {"fixtures/warehouse/orders.csv": orders_csv(rows)}
    for name, text in {**FILES, **orders, **(changes or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def orders_csv(rows: int) -> str:
    """Return orders as CSV, the same each time: the larger, the likelier returned."""
    chance = random.Random(7)  # noqa: S311  # test data, not a secret
    lines = ["order_id,shop_id,amount,items,ordered_at,returned"]
    for number in range(rows):
        amount = round(chance.uniform(1, 999), 2)
        returned = int(chance.random() < amount / 1000)
        items = "" if number % 10 == 0 else str(chance.randint(1, 9))
        day = f"2025-{number % 12 + 1:02d}-{number % 28 + 1:02d}"
        lines.append(f"{number},{number % 2 + 1},{amount},{items},{day},{returned}")
    return "\n".join(lines) + "\n"
