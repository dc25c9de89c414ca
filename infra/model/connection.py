"""The sandbox's connection file, as far as a deployment reads it."""

from pydantic import BaseModel, ConfigDict

from infra.model.target import AwsTarget, Destination, GithubTarget, SnowflakeTarget, Target


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


class _Aws(_Part):
    endpoint_url: str
    region: str
    account_id: str


class _Github(_Part):
    base_url: str
    owner: str
    token: str


class Connection(_Part):
    """The sides of the sandbox; one of an earlier version has no `github`."""

    snowflake: _Snowflake
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
        )
