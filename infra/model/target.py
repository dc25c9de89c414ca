"""Where a stack deploys to: the account and the cloud, without any secret."""

from enum import StrEnum

from infra.model.base import Fact


class Target(StrEnum):
    """The local clouds, or the real ones."""

    SANDBOX = "sandbox"
    SNOWFLAKE = "snowflake"


class SnowflakeTarget(Fact):
    """How the provider reaches an account.

    https://www.pulumi.com/registry/packages/snowflake/installation-configuration/
    """

    organization_name: str
    account_name: str
    user: str
    host: str | None = None
    """Set for the sandbox only: Snowflake's own follows from the account."""
    port: int | None = None
    protocol: str | None = None

    @property
    def account(self) -> str:
        """The account identifier that clients take."""
        return f"{self.organization_name}-{self.account_name}"


class AwsTarget(Fact):
    """The AWS account and region of the landing zone."""

    account_id: str
    region: str
    endpoint_url: str | None = None
    """Set for the sandbox only."""


class GithubTarget(Fact):
    """The organization on GitHub."""

    owner: str
    base_url: str | None = None
    """Set for the sandbox only."""


class SecondTarget(Fact):
    """The second account and its region: the same user, who is replicated, logs in there.

    https://docs.snowflake.com/en/user-guide/account-replication-considerations
    """

    snowflake: SnowflakeTarget
    aws: AwsTarget


class Destination(Fact):
    """Every end of a deployment."""

    target: Target
    snowflake: SnowflakeTarget
    aws: AwsTarget
    github: GithubTarget | None = None
    """Absent where a stack deploys nothing to GitHub, or a sandbox has none yet."""
    second: SecondTarget | None = None
    """Absent where there is no second account, or a sandbox has none yet."""

    @property
    def on_sandbox(self) -> bool:
        """Whether it is the sandbox."""
        return self.target is Target.SANDBOX
