"""The demo warehouse's tables: the Wisconsin diagnostic breast cancer data.

Wolberg, Mangasarian, Street and Street, 1993: Breast Cancer Wisconsin (Diagnostic),
UCI Machine Learning Repository, CC BY 4.0, https://doi.org/10.24432/C5DW2B, as
scikit-learn ships it (`sklearn.datasets.load_breast_cancer`). The measurements and the
diagnoses are theirs. The patient ids and the dates are made up here: the data has none.
"""

import datetime as dt
import hashlib
import re

import pyarrow as pa
import pyarrow.parquet as pq

#: The first and the last day on which a patient is measured.
FIRST_DAY = dt.date(2023, 1, 1)
LAST_DAY = dt.date(2025, 12, 10)
#: The most days from a measurement to its diagnosis.
LONGEST_WAIT = 21
#: The number of the first patient.
FIRST_PATIENT = 1001


def wisconsin_tables() -> dict[str, pa.Table]:
    """Return the tables `measurements` and `diagnoses`, the same at each call."""
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    patients = [FIRST_PATIENT + row for row in range(len(data.target))]
    measured = [_measured_at(patient) for patient in patients]
    diagnosed = [
        day + _wait(patient) for day, patient in zip(measured, patients, strict=True)
    ]
    features = {
        column_name(feature): pa.array(data.data[:, index], pa.float64())
        for index, feature in enumerate(data.feature_names)
    }
    # scikit-learn's target is 0 for malignant and 1 for benign.
    malignant = [bool(target == 0) for target in data.target]
    ids = pa.array(patients, pa.int64())
    return {
        "measurements": pa.table(
            {"patient_id": ids, "measured_at": pa.array(measured, pa.date32())}
            | features
        ),
        "diagnoses": pa.table(
            {
                "patient_id": ids,
                "diagnosed_at": pa.array(diagnosed, pa.date32()),
                "malignant": pa.array(malignant, pa.bool_()),
            }
        ),
    }


def parquet_files() -> dict[str, tuple[bytes, int]]:
    """Return each table as one Parquet file, and its number of rows."""
    files = {}
    for name, table in wisconsin_tables().items():
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd")
        files[name] = (sink.getvalue().to_pybytes(), table.num_rows)
    return files


def column_name(feature: str) -> str:
    """Return scikit-learn's feature name as a column: `mean_concave_points`."""
    return re.sub(r"\W+", "_", feature)


def _measured_at(patient: int) -> dt.date:
    days = (LAST_DAY - FIRST_DAY).days + 1
    return FIRST_DAY + dt.timedelta(days=_draw(f"measured {patient}", days))


def _wait(patient: int) -> dt.timedelta:
    return dt.timedelta(days=1 + _draw(f"diagnosed {patient}", LONGEST_WAIT))


def _draw(seed: str, size: int) -> int:
    """Return a number below `size` that depends on `seed` alone, on every machine."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8]) % size
