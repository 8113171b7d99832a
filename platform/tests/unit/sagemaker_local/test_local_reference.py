from pathlib import Path

from slipway.sagemaker_local.reference import rendered, updated

PAGE = Path(__file__).parents[4] / "docs/sagemaker-local.md"


def test_the_page_says_what_the_code_supports():
    text = PAGE.read_text()

    assert rendered() in text
    assert updated(text) == text, (
        "run: python -m slipway.sagemaker_local.reference docs/sagemaker-local.md"
    )
