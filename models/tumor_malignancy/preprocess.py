"""The features of the tumour malignancy classifier."""

import pandas as pd


def preprocess(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep the key, the target and the measures: all else says when, not what."""
    return frame.drop(columns=["diagnosed_at"])
