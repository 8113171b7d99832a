"""The gate on the extracted data: expectations met, or the run ends here."""

from slipway.controller.steps.definition import Definition, Outputs, Task
from slipway.errors import DataQualityError
from slipway.quality.report import FILE_NAME, Report, sentences
from slipway.s3.uri import S3Uri

NAME = "quality"


def _reads(task: Task) -> object:
    return {"extract": task.done["extract"]["uri"]}


def _perform(task: Task) -> Outputs:
    uri = S3Uri.parse(task.done["extract"]["uri"]) / FILE_NAME
    report = Report.of_document(task.context.objects.read_json(uri))
    if not report.passed:
        failed = sentences(report)
        lines = "\n".join(f"  {sentence}" for sentence in failed)
        message = (
            f"The extract does not meet {len(failed)} of {len(report.checks)}"
            f" expectations of models/{task.context.spec.name}/model.yaml:\n{lines}\n"
            "Mend the data or the SQL, or change what is expected, and run again."
            f" The report: {uri}"
        )
        raise DataQualityError(message)
    return {"uri": str(uri), "checks": len(report.checks)}


def _stands(task: Task, outputs: Outputs) -> bool:
    return task.context.objects.exists(S3Uri.parse(outputs["uri"]))


def _note(outputs: Outputs) -> str:
    return f"{outputs['checks']} expectations met"


QUALITY = Definition(NAME, _reads, _perform, _stands, _note)
