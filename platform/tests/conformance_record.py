"""What the conformance suite claims and calls: kept by test, told at the end of a run.

The hooks are here, and not beside the suite, since a run in several processes collects
in its workers only, and the end is told by the process that started them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

SUITE = Path(__file__).parent / "acceptance" / "conformance"
#: What a test's report carries: its claims, the operations called, the statuses seen,
#: and the refusals, each as `code: message`.
CLAIM, CALLED = "conformance_claim", "conformance_called"
SEEN, REFUSED = "conformance_seen", "conformance_refused"
#: The statuses that a client can bring about and be sure to see, by the enum of AWS's.
PROVOKED: Mapping[str, tuple[str, ...]] = {
    "TrainingJobStatus": ("InProgress", "Completed", "Failed", "Stopped"),
    "SecondaryStatus": (
        *("Starting", "Downloading", "Training", "Uploading", "Completed"),
        *("Failed", "Stopping", "Stopped", "MaxRuntimeExceeded"),
    ),
    "ProcessingJobStatus": ("InProgress", "Completed", "Failed", "Stopped"),
    "TransformJobStatus": ("InProgress", "Completed", "Failed", "Stopped"),
    "ModelPackageStatus": ("Completed",),
    "ModelPackageGroupStatus": ("Completed",),
    "EndpointStatus": (
        *("Creating", "InService", "Updating", "RollingBack", "UpdateRollbackFailed"),
        *("Deleting", "Failed"),
    ),
    "VariantStatus": ("Creating", "Baking"),
}
_PASSING = "it lasts for an instant, and may be over between two looks"
_STOPPING = "of a container that ends at once, it is over between two looks"
_ELSEWHERE = "of what the local server refuses: {}"
#: The others of each enum, and why no test has to see them.
UNREACHABLE: Mapping[str, Mapping[str, str]] = {
    "TrainingJobStatus": {
        "Stopping": _STOPPING,
        "Deleting": "a job is deleted at once here",
    },
    "SecondaryStatus": {
        "LaunchingMLInstances": "AWS's older word for Starting",
        "PreparingTrainingStack": "AWS's older word for Starting",
        "DownloadingTrainingImage": "AWS's older word for Downloading",
        "Pending": "AWS waits for capacity; here there is always some",
        "Interrupted": _ELSEWHERE.format("managed spot training"),
        "MaxWaitTimeExceeded": _ELSEWHERE.format("managed spot training"),
        "Restarting": "AWS says of a RetryStrategy that it goes back to Starting",
        "Updating": _ELSEWHERE.format("UpdateTrainingJob"),
    },
    "ProcessingJobStatus": {"Stopping": _STOPPING},
    "TransformJobStatus": {"Stopping": _STOPPING},
    "ModelPackageStatus": {
        "Pending": "a package is made at once here",
        "InProgress": "a package is made at once here",
        "Failed": _ELSEWHERE.format("ValidationSpecification"),
        "Deleting": "a package is deleted at once here",
    },
    "ModelPackageGroupStatus": {
        "Pending": "a group is made at once here",
        "InProgress": "a group is made at once here",
        "Failed": "a group has nothing that may fail",
        "Deleting": "a group is deleted at once here",
        "DeleteFailed": "a group is deleted at once, or the request is refused",
    },
    "EndpointStatus": {
        "OutOfService": "AWS takes an endpoint out of service, never a client",
        "SystemUpdating": "AWS's own maintenance",
    },
    "VariantStatus": {
        "Updating": _PASSING,
        "Deleting": _PASSING,
        "ActivatingTraffic": _PASSING,
    },
}
_KINDS = ("documented", "field", "ours")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("conformance")
    group.addoption(
        "--conformance-executor",
        choices=("process", "docker"),
        default="process",
        help="what runs the local server's containers in the conformance suite",
    )
    group.addoption(
        "--conformance-report",
        action="store_true",
        help="print which assertions are documented by AWS, and which operations ran",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "claim(kind, source, words): where it is from")
    config.pluginmanager.register(Record(config), "conformance-record")


def _supported() -> set[str]:
    """Return every operation of the tables, such as `logs.GetLogEvents`."""
    from slipway.sagemaker_local.autoscaling import supported as auto_scaling
    from slipway.sagemaker_local.cloudwatch import supported as cloudwatch
    from slipway.sagemaker_local.logs import supported as logs
    from slipway.sagemaker_local.supported import table as sagemaker

    tables = {
        "sagemaker": sagemaker.OPERATIONS,
        "sagemaker-runtime": ("InvokeEndpoint",),
        "application-autoscaling": auto_scaling.OPERATIONS,
        "cloudwatch": cloudwatch.OPERATIONS,
        "logs": logs.OPERATIONS,
    }
    return {f"{service}.{name}" for service, names in tables.items() for name in names}


class Record:
    """All that the tests of the suite reported."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._claims: list[tuple[str, str, str, str]] = []
        self._called: set[str] = set()
        self._seen: set[str] = set()
        self._refused: set[str] = set()
        self._files: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a test claims, with how it ended, and what it called."""
        properties = report.user_properties
        self._called |= {str(value) for name, value in properties if name == CALLED}
        self._seen |= {str(value) for name, value in properties if name == SEEN}
        self._refused |= {str(value) for name, value in properties if name == REFUSED}
        claims = [str(value) for name, value in properties if name == CLAIM]
        ended = report.when == "call" or report.outcome != "passed"
        if claims and ended:
            self._files.add(report.nodeid.partition("::")[0].rpartition("/")[2])
            self._claims += [(*claim.split("|", 2), report.outcome) for claim in claims]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a whole run that leaves an operation, a status or a refusal out."""
        if self._is_worker or not self._whole or not self._missing:
            return
        if session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> None:
        """Print the report, and what was left out."""
        if self._config.getoption("--conformance-report"):
            terminalreporter.section("conformance")
            for line in self._lines():
                terminalreporter.write_line(line)
        if self._whole and self._missing:
            names = ", ".join(sorted(self._missing))
            terminalreporter.section("conformance: what no test brought about")
            terminalreporter.write_line(names, red=True)

    @property
    def _is_worker(self) -> bool:
        return hasattr(self._config, "workerinput")

    @property
    def _whole(self) -> bool:
        """Whether each file of the suite took part, and none of its tests was left out."""
        if self._config.option.keyword or any(
            "::" in each for each in self._config.args
        ):
            return False
        return self._files >= {path.name for path in SUITE.glob("test_*.py")}

    @property
    def _missing(self) -> set[str]:
        statuses = {
            f"{kind}={each}" for kind, values in PROVOKED.items() for each in values
        }
        # The environments of independent clients have nothing of Slipway's.
        from conformance_refusals import UNREACHED, refusals

        unasked = {
            f"refusal {name}"
            for name, pattern in refusals().items()
            if name not in UNREACHED and not any(map(pattern.match, self._refused))
        }
        return (_supported() - self._called) | (statuses - self._seen) | unasked

    def _lines(self) -> Iterator[str]:
        counts = Counter((kind, outcome) for kind, _, _, outcome in self._claims)
        yield "| assertions | passed | failed | skipped |"
        yield "|---|---|---|---|"
        for kind in _KINDS:
            row = [counts[kind, each] for each in ("passed", "failed", "skipped")]
            yield f"| {kind} | {' | '.join(map(str, row))} |"
        yield f"{len(self._called)} operations called: {', '.join(sorted(self._called))}"
        yield f"Statuses seen: {', '.join(sorted(self._seen))}"
        yield ""
        for kind, source, words, outcome in sorted(set(self._claims)):
            yield f"{kind:<10} {outcome:<7} {source or '-'}: {words}"
