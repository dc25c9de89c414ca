"""The base of every value from an environment file: frozen, and closed to unknown keys."""

from pydantic import BaseModel, ConfigDict


class Fact(BaseModel):
    """A value read from facts. Property names are the provider's own, in snake case."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
    )
