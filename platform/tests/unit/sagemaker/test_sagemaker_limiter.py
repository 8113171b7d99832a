import pytest

from slipway.sagemaker.gateway import Gateway
from slipway.sagemaker.resources import RESOURCES

MODEL = {"ModelArn": "arn:m", "ResponseMetadata": {"RequestId": "r-1"}}
PAGES = [
    {"Models": [{"ModelName": "m-1", "ModelArn": "arn:1"}], "NextToken": "2"},
    {"Models": [{"ModelName": "m-2", "ModelArn": "arn:2"}]},
]


class Heard:
    """What was waited for, and asked then, in order."""

    def __init__(self):
        self.order, self.pages = [], list(PAGES)

    def wait(self, kind):
        self.order.append(kind)

    def __getattr__(self, call):
        def answer(**payload):
            self.order.append((call, payload))
            return self.pages.pop(0) if call == "list_models" else MODEL

        return answer


class HeardGateway(Gateway):
    def _client(self, _service, *, once):
        del once
        return self._limiter


@pytest.mark.parametrize(
    ("ask", "kind", "call"),
    [
        (lambda g: g.describe("sagemaker_model", "m"), "describe", "describe_model"),
        (lambda g: g.tags("arn:m"), "tags", "list_tags"),
        (
            lambda g: g.mutate(
                "DeleteModel", {"ModelName": "m"}, RESOURCES["sagemaker_model"]
            ),
            "mutate",
            "delete_model",
        ),
        (lambda g: g.stop("training_job", "j"), "mutate", "stop_training_job"),
    ],
)
def test_each_call_waits_for_the_accounts_budget_once(ask, kind, call):
    heard = Heard()

    ask(HeardGateway(None, heard))

    assert [step if isinstance(step, str) else step[0] for step in heard.order] == [
        kind,
        call,
    ]


def test_each_page_of_a_listing_waits_and_is_asked_for_when_it_is_needed():
    heard = Heard()
    names = HeardGateway(None, heard).names("sagemaker_model", "m-")

    first = next(names)
    asked_for_one = len(heard.order)
    rest = [*names]

    assert (first, rest) == (("m-1", "arn:1"), [("m-2", "arn:2")])
    assert asked_for_one == 2
    asked = {"NameContains": "m-", "MaxResults": 100}
    assert heard.order == [
        "list",
        ("list_models", asked),
        "list",
        ("list_models", {**asked, "NextToken": "2"}),
    ]
