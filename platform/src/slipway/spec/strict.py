"""The pydantic settings that every part of `model.yaml` shares."""

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """A part of a document: unknown keys are refused, and nothing changes it later."""

    model_config = ConfigDict(extra="forbid", frozen=True)
