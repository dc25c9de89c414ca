"""Key pairs on this machine: made, found, tried. Private keys stay outside the repository's files.

The sandbox's are under `.leap/keys`, which git ignores; a real account's under the user's
configuration folder, for their owner alone to read.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cli.target import running_sandbox

if TYPE_CHECKING:
    from infra.settings import Settings

BITS: Final = 2048
_ONLY_MINE: Final = 0o600


def private_folder(settings: Settings) -> Path:
    """Where this machine keeps the private keys of a stack's service users."""
    import platformdirs

    from infra import keys
    from infra.model.target import Target

    if settings.config.target is Target.SANDBOX:
        return keys.folder(settings)
    account = f"{settings.config.organization_name}-{settings.config.account_name}"
    return Path(platformdirs.user_config_dir("leap")) / "keys" / account


def kept_in_git(settings: Settings) -> bool:
    """Whether the public keys are files of the repository: a real account's are."""
    from infra.model.target import Target

    return settings.config.target is not Target.SANDBOX


def make(user: str, private: Path, public: Path) -> None:
    """A new pair: the private key first, so that no public one is without its own."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    from infra.model.public_key import written

    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    private.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(private, pem)
    body = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    public.parent.mkdir(parents=True, exist_ok=True)
    _write(public, written(body.decode(), user, created).encode(), mode=0o644)


def _write(path: Path, content: bytes, mode: int = _ONLY_MINE) -> None:
    """The whole file or none of it."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    part.replace(path)


def fingerprint(private: Path) -> str:
    """The fingerprint of a private key's public half, as DESCRIBE USER shows it."""
    from cryptography.hazmat.primitives import serialization

    from infra.model.public_key import parse

    key = serialization.load_pem_private_key(private.read_bytes(), password=None)
    body = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return parse(body.decode()).fingerprint


def ensure(settings: Settings) -> None:
    """Make the key pairs that the sandbox's service users lack on this machine."""
    from infra import keys
    from infra.model.public_key import SLOTS, file_name

    folder = keys.folder(settings)
    for user in settings.environment.service_users:
        private = [folder / f"{user}.p8", folder / f"{user}.next.p8"]
        public = [folder / file_name(user, slot) for slot in SLOTS]
        if not any(p.exists() for p in private) or not any(p.exists() for p in public):
            make(user, private[0], public[0])


def login(settings: Settings, user: str, private: Path) -> dict[str, Any]:
    """Connector arguments for a service user with a key."""
    from infra.model.target import Target

    named = settings.environment.naming.account(user)
    given: dict[str, Any] = {"user": named, "private_key_file": str(private)}
    given["authenticator"] = "SNOWFLAKE_JWT"
    if settings.config.target is not Target.SANDBOX:
        account = f"{settings.config.organization_name}-{settings.config.account_name}"
        return {**given, "account": account}
    snowflake = running_sandbox().snowflake
    where = {"host": snowflake.host, "port": snowflake.port, "protocol": snowflake.protocol}
    return {**given, **where, "account": snowflake.account}
