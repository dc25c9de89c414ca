"""The sandbox's connection file, as far as a deployment reads it."""

from pydantic import BaseModel, ConfigDict

from infra.model.target import (
    AwsTarget,
    Destination,
    GithubTarget,
    SecondTarget,
    SnowflakeTarget,
    Target,
)


class _Part(BaseModel):
    """A part of the file. The sandbox may say more than we read."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Admin(_Part):
    user: str
    password: str


class _Snowflake(_Part):
    host: str
    port: int
    protocol: str
    organization: str
    account_name: str
    admin: _Admin
    people_password: str


class _Second(_Part):
    """The second account: other name and region, the same administrator."""

    host: str
    port: int
    account: str
    region: str


class _Aws(_Part):
    endpoint_url: str
    region: str
    account_id: str


class _Github(_Part):
    base_url: str
    owner: str
    token: str


class Connection(_Part):
    """The sides of the sandbox; one of an earlier version has no `github` or `snowflake_dr`."""

    snowflake: _Snowflake
    snowflake_dr: _Second | None = None
    aws: _Aws
    github: _Github | None = None

    def destination(self) -> Destination:
        """The sandbox as a place to deploy to."""
        return Destination(
            target=Target.SANDBOX,
            snowflake=SnowflakeTarget(
                organization_name=self.snowflake.organization,
                account_name=self.snowflake.account_name,
                user=self.snowflake.admin.user,
                host=self.snowflake.host,
                port=self.snowflake.port,
                protocol=self.snowflake.protocol,
            ),
            aws=AwsTarget(
                account_id=self.aws.account_id,
                region=self.aws.region,
                endpoint_url=self.aws.endpoint_url,
            ),
            github=self.github
            and GithubTarget(owner=self.github.owner, base_url=self.github.base_url),
            second=self.snowflake_dr and self._second(self.snowflake_dr),
        )

    def _second(self, found: _Second) -> SecondTarget:
        own, separator, name = found.account.partition("-")
        return SecondTarget(
            snowflake=SnowflakeTarget(
                organization_name=own if separator else self.snowflake.organization,
                account_name=name if separator else own,
                user=self.snowflake.admin.user,
                host=found.host,
                port=found.port,
                protocol=self.snowflake.protocol,
            ),
            aws=AwsTarget(
                account_id=self.aws.account_id,
                region=aws_region(found.region),
                endpoint_url=self.aws.endpoint_url,
            ),
        )


def aws_region(region: str) -> str:
    """``us-west-2`` of Snowflake's ``AWS_US_WEST_2``; what is no such name stays as it is.

    https://docs.snowflake.com/en/user-guide/admin-account-identifier#region-ids
    """
    return region.removeprefix("AWS_").lower().replace("_", "-")
