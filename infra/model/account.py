"""Parameters of the account itself, which hold whatever is in it.

https://docs.snowflake.com/en/sql-reference/parameters#account-parameters
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from infra.model.base import Fact


class AccountParameters(Fact):
    """What is left out stays as the account has it. One environment of an account may set them."""

    client_encryption_key_size: Literal[128, 256] | None = None
    """Bits of the key with which clients encrypt the files that they put on stages."""
    min_data_retention_time_in_days: Annotated[int, Field(ge=0, le=90)] | None = None
    """Time travel that no owner of an object can go below."""
    periodic_data_rekeying: bool | None = None
    """Encrypt data anew each year; Enterprise, and it costs storage while it runs."""
    prevent_unload_to_inline_url: bool | None = None
    """Refuse ``COPY INTO 's3://…'``: data leaves by stages alone."""
    require_storage_integration_for_stage_creation: bool | None = None
    require_storage_integration_for_stage_operation: bool | None = None

    def given(self) -> Mapping[str, str]:
        """What is set, by the parameter's name, in the words of the account."""
        values = self.model_dump(exclude_none=True)
        return {key.upper(): str(value).lower() for key, value in values.items()}


NAMES = tuple(name.upper() for name in AccountParameters.model_fields)
"""The parameters, as Snowflake calls them."""
