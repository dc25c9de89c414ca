"""What every AWS provider here shares: plain state, a client made when needed, and an honest diff.

Dynamic providers are pickled into another process, so a provider has no state of its own; what it
must know is in the resource's inputs. Where the cloud is (endpoint) is no property of an object:
it is kept to reach the object and never counts as a difference. Credentials are never inputs: a
real cloud takes them from the environment (https://docs.aws.amazon.com/boto3/latest/guide/credentials.html),
the sandbox takes any.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from botocore.exceptions import ClientError
from pulumi.dynamic import DiffResult, ResourceProvider, UpdateResult

Props: TypeAlias = dict[str, Any]

CONNECTION: Final = frozenset({"endpoint_url", "region"})
SANDBOX_KEY: Final = "sandbox"
SANDBOX_FILE: Final = "LEAP_SANDBOX_CONNECTION"
"""The variable that names the file in which the sandbox says where it is."""
OWNER_TAG: Final = "leap:owner"
"""The tag by which a provider knows an object of its own after an interrupted creation."""


class AwsProvider(ResourceProvider):
    """Compares by meaning; a subclass says which properties make a new object."""

    serialize_as_secret_always = False
    replaces: tuple[str, ...] = ()
    """Inputs that cannot change on an existing object, beside the region."""

    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """The inputs that differ in meaning; where the cloud is found is none of them."""
        names = {name for name in _news if not name.startswith("__")} - CONNECTION
        changed = [n for n in sorted(names) if canonical(_olds.get(n)) != canonical(_news[n])]
        fixed = [name for name in changed if name in self.replaces]
        return DiffResult(changes=bool(changed), replaces=fixed, delete_before_replace=bool(fixed))

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Writes all of the new inputs; the calls are declarative."""
        return UpdateResult(self.write(_news))

    def write(self, props: Props) -> Props:
        """Makes the existing object what the inputs say, and returns its state."""
        raise NotImplementedError


def arguments(props: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a boto3 client for these inputs."""
    from botocore.config import Config  # late: the program declares, and only the provider calls

    shared: dict[str, Any] = {
        "region_name": props["region"],
        "config": Config(retries={"mode": "standard", "max_attempts": 5}, connect_timeout=10),
    }
    if not props.get("endpoint_url"):
        return shared
    return shared | {
        "endpoint_url": _sandbox(str(props["endpoint_url"])),
        "aws_access_key_id": SANDBOX_KEY,
        "aws_secret_access_key": SANDBOX_KEY,
    }


def _sandbox(written: str) -> str:
    """Where the sandbox's AWS is now: its port may be another than when the state was written."""
    try:
        kept = Path(os.environ[SANDBOX_FILE]).read_text(encoding="utf-8")
        return str(json.loads(kept)["aws"]["endpoint_url"])
    except (KeyError, OSError, TypeError, ValueError):
        return written


def inputs(props: Mapping[str, Any]) -> Props:
    """The properties without the engine's own."""
    return {name: value for name, value in props.items() if not name.startswith("__")}


def canonical(value: Any) -> Any:
    """The value as it compares: JSON texts by content, numbers as numbers, mappings by key."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return canonical(json.loads(value))
        except ValueError:
            return value
    if isinstance(value, Mapping):
        return {str(key): canonical(below) for key, below in sorted(value.items())}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    return float(value) if isinstance(value, int | float) else value


def code(error: ClientError) -> str:
    """The service's own code of an error."""
    return str(error.response.get("Error", {}).get("Code", ""))
