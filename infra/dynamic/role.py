"""An IAM role with one inline policy: who may assume it, and what it may then do.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html
"""

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

import pulumi
from pulumi.dynamic import CreateResult, ReadResult, Resource

from infra.dynamic.aws import OWNER_TAG, AwsProvider, Props, arguments, inputs

if TYPE_CHECKING:
    from mypy_boto3_iam.client import IAMClient

_POLICY: Final = "access"


class RoleProvider(AwsProvider):
    """Inputs: ``role``, ``owner``, ``description``, and two policies as JSON texts."""

    replaces = ("role",)

    def create(self, props: Props) -> CreateResult:
        """Makes the role, or takes over one that an interrupted run of ours left."""
        client, name = _client(props), props["role"]
        if not _exists(client, name):
            client.create_role(
                RoleName=name,
                AssumeRolePolicyDocument=props["trust_policy"],
                Description=props["description"],
                Tags=[{"Key": OWNER_TAG, "Value": props["owner"]}],
            )
            client.get_waiter("role_exists").wait(RoleName=name)
        elif _tags(client, name).get(OWNER_TAG) != props["owner"]:
            raise FileExistsError(
                f"role {name} exists and is not {props['owner']}'s: choose another name in "
                "landing.role, or remove it"
            )
        return CreateResult(name, self.write(props))

    def write(self, props: Props) -> Props:
        """Applies description, trust and policy, and answers what is then set."""
        client, name = _client(props), props["role"]
        client.update_role(RoleName=name, Description=props["description"])
        client.update_assume_role_policy(RoleName=name, PolicyDocument=props["trust_policy"])
        client.put_role_policy(RoleName=name, PolicyName=_POLICY, PolicyDocument=props["policy"])
        return inputs(props) | _live(client, name)

    def read(self, id_: str, props: Props) -> ReadResult:
        """The role as it is; without an id when it is gone."""
        client = _client(props)
        if not _exists(client, id_):
            return ReadResult("", {})
        return ReadResult(id_, inputs(props) | {"role": id_} | _live(client, id_))

    def delete(self, _id: str, _props: Props) -> None:
        """Deletes the role with its inline policies."""
        client = _client(_props)
        if not _exists(client, _id):
            return
        for name in client.list_role_policies(RoleName=_id)["PolicyNames"]:
            client.delete_role_policy(RoleName=_id, PolicyName=name)
        client.delete_role(RoleName=_id)


class Role(Resource, module="aws", name="Role"):
    """The role. Its id is its name."""

    role: pulumi.Output[str]
    arn: pulumi.Output[str]

    def __init__(
        self, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(RoleProvider(), name, {**props, "arn": None}, opts)


def _client(props: Props) -> "IAMClient":
    import boto3  # late: the program declares, and only the provider calls

    return boto3.client("iam", **arguments(props))


def _exists(client: "IAMClient", name: str) -> bool:
    try:
        client.get_role(RoleName=name)
    except client.exceptions.NoSuchEntityException:
        return False
    return True


def _tags(client: "IAMClient", name: str) -> dict[str, str]:
    found = client.list_role_tags(RoleName=name)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in found}


def _live(client: "IAMClient", name: str) -> Props:
    role: Any = client.get_role(RoleName=name)["Role"]
    policy: Any = {}
    if _POLICY in client.list_role_policies(RoleName=name)["PolicyNames"]:
        policy = client.get_role_policy(RoleName=name, PolicyName=_POLICY)["PolicyDocument"]
    return {
        "arn": role["Arn"],
        "description": role.get("Description", ""),
        "trust_policy": _text(role["AssumeRolePolicyDocument"]),
        "policy": _text(policy),
    }


def _text(document: Any) -> str:
    """The document as JSON text; the service answers it quoted for a URL, boto3 mostly parsed."""
    parsed = json.loads(unquote(document)) if isinstance(document, str) else document
    return json.dumps(parsed, sort_keys=True)
