"""The preprocess command: features from an extract, split, with a reference profile."""

import logging
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from slipway.container.contract import Job
from slipway.container.features import features_of
from slipway.container.files import FileRecord, record_of, write_json
from slipway.container.frame_rules import checked_table
from slipway.container.manifest import (
    FILE_NAME,
    read_manifest,
    verify_files,
    write_manifest,
)
from slipway.container.parquet import write_table
from slipway.container.split import split_rows
from slipway.quality.profile import profile_of
from slipway.spec import ModelSpec

#: The reference profile's place below the features.
PROFILE = "profile/profile.json"

_log = logging.getLogger(__name__)


def run(job: Job) -> str:
    """Preprocess, and return a sentence about the splits."""
    spec = job.model.spec()
    table = checked_table(preprocessed(job), spec)
    parts = split_rows(table, spec.key, spec.split)
    manifest = record_of(job.paths.extract_input / FILE_NAME)
    _write(job.paths.features_output, spec, parts, manifest)
    return ", ".join(f"{name} {part.num_rows} rows" for name, part in parts.items())


def preprocessed(job: Job) -> Any:
    """Return what the model's preprocess() makes of the job's extract; it is not checked."""
    preprocess = job.model.attribute("preprocess", "preprocess")
    extract = read_extract(job.paths.extract_input)
    _log.info("extract_verified rows=%d", extract.num_rows)
    return preprocess(extract.to_pandas())


def read_extract(folder: Path) -> pa.Table:
    """Return an extract's rows, after each of its files was checked."""
    manifest = read_manifest(folder, what="The extract")
    verify_files(folder, manifest["files"])
    parts = sorted(name for name in manifest["files"] if name.endswith(".parquet"))
    return pa.concat_tables([pq.read_table(folder / name) for name in parts])


def _write(
    folder: Path, spec: ModelSpec, parts: dict[str, pa.Table], extract: FileRecord
) -> None:
    files = {
        f"{name}/part-00000.parquet": write_table(
            folder / name / "part-00000.parquet", part
        )
        for name, part in parts.items()
    }
    splits = {name: record.document() for name, record in files.items()}
    profile = profile_of(parts["train"].drop_columns([spec.key]), target=spec.target)
    document = {"format": 1, "model": spec.name, **profile, "files": splits}
    files[PROFILE] = write_json(folder / PROFILE, document)
    write_manifest(folder, _facts(spec, parts, extract), files)


def _facts(
    spec: ModelSpec, parts: dict[str, pa.Table], extract: FileRecord
) -> dict[str, Any]:
    features = features_of(parts["train"], but={spec.key, spec.target})
    return {
        "model": spec.name,
        "key": spec.key,
        "target": spec.target,
        "features": [feature.document() for feature in features],
        "rows": {name: part.num_rows for name, part in parts.items()},
        "extract_sha256": extract.sha256,
    }
