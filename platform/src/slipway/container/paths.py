"""The folder tree that SageMaker lays out for a job or an endpoint."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

#: Where SageMaker's own training toolkit reads the root of the tree from.
ROOT_VARIABLE = "SAGEMAKER_BASE_DIR"
#: The root when nothing says otherwise.
DEFAULT_ROOT = "/opt/ml"


@dataclass(frozen=True)
class Paths:
    """Every path below `/opt/ml` that a command reads or writes."""

    #: JSON with the SQL parameters, the run's date and the warehouse.
    parameters: Path
    #: One folder of Parquet files for each table of a lake.
    warehouse: Path
    #: What extract wrote, as preprocess receives it.
    extract_input: Path
    #: Where extract writes its parts, manifest and quality report.
    extract_output: Path
    #: Where preprocess writes the splits, the profile and the manifest.
    features_output: Path
    #: Where prepare writes the rows to score, their keys and the manifest.
    requests_output: Path
    #: What prepare wrote, as publish receives it.
    requests_input: Path
    #: What the transform job wrote, as publish receives it.
    answers_input: Path
    #: Where publish writes the predictions and the manifest.
    predictions_output: Path
    #: The hyperparameters of a training job: text values only.
    hyperparameters: Path
    #: One folder for each channel of a training job.
    channels: Path
    #: The model artifact: written by train, read by serve.
    model: Path
    #: What a training job leaves beside the artifact.
    output_data: Path
    #: Why the job failed: SageMaker shows the first 1024 characters.
    failure: Path
    #: What a processing job says at its end: SageMaker shows the first kilobyte.
    message: Path

    @classmethod
    def below(cls, root: Path) -> "Paths":
        """Return the tree below `root`."""
        processing = root / "processing"
        return cls(
            parameters=processing / "input/parameters/parameters.json",
            warehouse=processing / "input/warehouse",
            extract_input=processing / "input/extract",
            extract_output=processing / "output/extract",
            features_output=processing / "output/features",
            requests_output=processing / "output/requests",
            requests_input=processing / "input/requests",
            answers_input=processing / "input/answers",
            predictions_output=processing / "output/predictions",
            hyperparameters=root / "input/config/hyperparameters.json",
            channels=root / "input/data",
            model=root / "model",
            output_data=root / "output/data",
            failure=root / "output/failure",
            message=root / "output/message",
        )

    @classmethod
    def of_environment(cls, environ: Mapping[str, str]) -> "Paths":
        """Return the tree below the root that the environment names."""
        return cls.below(Path(environ.get(ROOT_VARIABLE) or DEFAULT_ROOT))
