"""What a stack's own file says: the target, and for a real account how to reach it.

The private key is absent: it is a secret of the configuration, read by the program alone.
"""

from typing import Final

from infra.model.base import Fact
from infra.model.target import AwsTarget, Destination, SnowflakeTarget, Target

PROJECT: Final = "leap"
DEFAULT_REGION: Final = "us-east-1"
PRIVATE_KEY: Final = "private_key"


class StackConfig(Fact):
    """The plain part of a stack's configuration, keys under ``leap:``."""

    target: Target
    organization_name: str = ""
    account_name: str = ""
    user: str = ""
    aws_account_id: str = ""
    aws_region: str = DEFAULT_REGION

    def destination(self) -> Destination:
        """The real account that the configuration names."""
        return Destination(
            target=Target.SNOWFLAKE,
            snowflake=SnowflakeTarget(
                organization_name=self.organization_name,
                account_name=self.account_name,
                user=self.user,
            ),
            aws=AwsTarget(account_id=self.aws_account_id, region=self.aws_region),
        )


PLAIN_KEYS: Final = tuple(sorted([*StackConfig.model_fields, "environment"]))
"""The keys under ``leap:`` that are no secret."""
KEYS: Final = (*PLAIN_KEYS, PRIVATE_KEY)
"""Every key that a stack's file may have under ``leap:``."""
