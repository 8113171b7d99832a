"""Where everything lives in an environment's bucket: the only place that spells a key."""

from dataclasses import dataclass

from slipway.s3.uri import S3Uri


@dataclass(frozen=True)
class Layout:
    """The keys of one model in one environment: `<environment>/<model>/…`."""

    bucket: str
    environment: str
    model: str

    @property
    def root(self) -> S3Uri:
        """Everything of this model."""
        return S3Uri(self.bucket, f"{self.environment}/{self.model}/")

    def run(self, run_id: str) -> S3Uri:
        """Everything that a run made."""
        return (self.root / "runs" / run_id).folder

    def smoke_request(self, run_id: str) -> S3Uri:
        """What a new endpoint is asked first: the model's example request."""
        return self.run(run_id) / "smoke_request.json"

    def parameters(self, run_id: str, step: str) -> S3Uri:
        """The prefix that holds a step's frozen `parameters.json`, and nothing else."""
        return (self.run(run_id) / "parameters" / step).folder

    def output(self, run_id: str, step: str, generation: int) -> S3Uri:
        """The prefix that a step's job writes; a retried job writes beside the first."""
        name = step if generation == 1 else f"{step}-{generation}"
        return (self.run(run_id) / name).folder

    def batch(self, run_id: str, generation: int) -> S3Uri:
        """What a scoring run published; a repeated job writes beside the first."""
        name = run_id if generation == 1 else f"{run_id}-{generation}"
        return (self.root / "inference/batch" / name).folder

    def version(self, version: int) -> S3Uri:
        """An immutable model version: artifact, manifest, profile, smoke request."""
        return (self.root / "versions" / str(version)).folder

    def tombstone(self, kind: str, name: str) -> S3Uri:
        """The marker that retires a version, a run or a subject's data, for good."""
        return self.root / "tombstones" / kind / f"{name}.json"


def lake_table(bucket: str, prefix: str, table: str) -> S3Uri:
    """Return the prefix of a warehouse table's Parquet files."""
    return (S3Uri(bucket, prefix) / table).folder
