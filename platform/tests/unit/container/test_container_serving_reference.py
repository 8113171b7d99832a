import re
from pathlib import Path

import slipway.container.serve
from slipway.container.serve.app import LONGEST_BODY
from slipway.container.serve.media import FORMATS

REPOSITORY = Path(__file__).parents[4]
REFERENCE = (REPOSITORY / "docs/reference/serving.md").read_text("utf-8")


def test_the_reference_lists_every_error_code() -> None:
    sources = Path(slipway.container.serve.__file__).parent.glob("*.py")
    text = "\n".join(source.read_text("utf-8") for source in sources)
    raised = set(re.findall(r'code="([a-z_]+)"', text))
    raised |= set(re.findall(r'\d{3}: \("([a-z_]+)"', text)) | {"model_error"}

    listed = set(re.findall(r"`([a-z_]+)`", REFERENCE.split("| status | `code`")[1]))

    assert raised <= listed


def test_the_reference_lists_every_format_and_the_limit() -> None:
    assert all(f"`{name}`" in REFERENCE for name in FORMATS)
    assert LONGEST_BODY == 6 * 1024 * 1024
    assert "6 MiB" in REFERENCE
