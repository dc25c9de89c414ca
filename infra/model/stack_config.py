"""What a stack's own file says: the target, and for a real account how to reach it.

A workspace's file also says what is true of this one workspace. The private key is absent: it is a
secret of the configuration, read by the program alone.
"""

from datetime import date
from typing import Final

from infra.model.base import Fact
from infra.model.notification import CONFIG_SECRETS
from infra.model.target import (
    AwsTarget,
    Destination,
    GithubTarget,
    SecondTarget,
    SnowflakeTarget,
    Target,
)

PROJECT: Final = "leap"
DEFAULT_REGION: Final = "us-east-1"
PRIVATE_KEY: Final = "private_key"
DR_PRIVATE_KEY: Final = "dr_private_key"
"""Of the second account's deployer; the first one's where it is absent."""
GITHUB_LOGIN: Final = "githubToken"
"""A token or a GitHub App's, that administers the organization's repositories."""
GITHUB_SECRETS: Final = "githubSecrets"
"""The values of Actions' secrets: a JSON object of repository to name to value."""


class StackConfig(Fact):
    """The plain part of a stack's configuration, keys under ``leap:``."""

    target: Target
    organization_name: str = ""
    account_name: str = ""
    user: str = ""
    aws_account_id: str = ""
    aws_region: str = DEFAULT_REGION
    dr_account_name: str = ""
    """Of the second account, in the same organization."""
    dr_aws_region: str = ""
    """Of the second landing zone, in the same AWS account."""
    github_owner: str = ""
    """The organization that holds the environment's repositories."""
    foundation: str = ""
    """Of a workspace: the stack whose platform it is a corner of."""
    expires_on: date | None = None
    """Of a workspace: the last day on which it is meant to stand."""
    credit_quota: int | None = None
    """Of a workspace: credits in its life, where they differ from the environment's."""
    clone: str = ""
    """Of a workspace: schemas whose tables it began with, between commas."""

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
            github=GithubTarget(owner=self.github_owner) if self.github_owner else None,
            second=self._second(),
        )

    def _second(self) -> SecondTarget | None:
        if not self.dr_account_name:
            return None
        return SecondTarget(
            snowflake=SnowflakeTarget(
                organization_name=self.organization_name,
                account_name=self.dr_account_name,
                user=self.user,
            ),
            aws=AwsTarget(account_id=self.aws_account_id, region=self.dr_aws_region),
        )


WORKSPACE_KEYS: Final = ("clone", "credit_quota", "expires_on", "foundation")
"""Keys that only the file of a workspace may have."""
PLAIN_KEYS: Final = tuple(sorted([*StackConfig.model_fields, "environment"]))
"""The keys under ``leap:`` that are no secret."""
KEYS: Final = (
    *(*PLAIN_KEYS, PRIVATE_KEY, DR_PRIVATE_KEY),
    *(GITHUB_LOGIN, GITHUB_SECRETS, *CONFIG_SECRETS),
)
"""Every key that a stack's file may have under ``leap:``."""
