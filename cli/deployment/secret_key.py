"""How the secrets of a stack are encrypted, from the stack's own file."""

from __future__ import annotations

from typing import Any

import yaml

from cli.errors import NotUsableError
from cli.paths import ROOT


def secrets_provider(stack: str) -> dict[str, Any]:
    """How secrets of the stack are encrypted, as a state says it, from the stack's file.

    https://www.pulumi.com/docs/iac/concepts/secrets/#configuring-secrets-encryption

    Raises:
        NotUsableError: the backend itself keeps the key.
    """
    file = ROOT / f"Pulumi.{stack}.yaml"
    found = yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else {}
    if salt := (found or {}).get("encryptionsalt"):
        return {"type": "passphrase", "state": {"salt": salt}}
    if key := (found or {}).get("encryptedkey"):
        return {"type": "cloud", "state": {"url": found["secretsprovider"], "encryptedkey": key}}
    raise NotUsableError(
        f"{file.name} has no key for secrets: they are encrypted by the backend, which keeps "
        "versions of the state itself; nothing was done.",
        f"Restore one: pulumi stack history --stack {stack}, then pulumi stack export --version",
    )
