"""The prepare command: an extract's rows as requests, by the model's own preprocess."""

from slipway.container.contract import Job
from slipway.container.files import record_of
from slipway.container.frame_rules import scored_table
from slipway.container.manifest import FILE_NAME, write_manifest
from slipway.container.preprocess import preprocessed
from slipway.container.scoring.requests import write_requests


def run(job: Job) -> str:
    """Prepare, and return a sentence about the rows."""
    spec = job.model.spec()
    table = scored_table(preprocessed(job), spec)
    folder = job.paths.requests_output
    files = write_requests(folder, table, spec.key)
    facts = {
        "model": spec.name,
        "key": spec.key,
        "rows": table.num_rows,
        "extract_sha256": record_of(job.paths.extract_input / FILE_NAME).sha256,
    }
    write_manifest(folder, facts, files)
    return f"{table.num_rows} rows to score"
