"""Who may log in: passwords (scrypt hashes) and key pairs (a JWT signed with the user's key).

https://docs.snowflake.com/en/user-guide/key-pair-auth
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.catalog.store import Store
from sandbox.snowflake.errors import LoginError


def hashed(password: str) -> str:
    """A salted scrypt hash, as text."""
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}:{_scrypt(password, salt).hex()}"


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**12, r=8, p=1)


def matches(password: str, kept: str) -> bool:
    """Whether the password is the one that was hashed."""
    salt, _, digest = kept.partition(":")
    return hmac.compare_digest(_scrypt(password, bytes.fromhex(salt)).hex(), digest)


def find_user(store: Store, login_name: str, *, other_than: Record | None = None) -> Record | None:
    """The user of a login name, which is compared without regard to case.

    `other_than` is passed over, and so is a standing user that it would replace.
    """
    wanted = login_name.upper()
    for user in store.all("USER"):
        known = str(user.properties.get("LOGIN_NAME") or user.name).upper()
        if known == wanted and (other_than is None or user.path != other_than.path):
            return user
    return None


def authenticate(store: Store, data: dict[str, Any], now: datetime) -> Record:
    """The user that the login request proves to be."""
    user = find_user(store, str(data.get("LOGIN_NAME", "")))
    if user is None:
        raise LoginError
    if user.properties.get("DISABLED"):
        raise LoginError("User access disabled. Contact your local system administrator.")
    expires = user.properties.get("EXPIRES_AT")
    if expires and datetime.fromisoformat(expires) <= now:
        raise LoginError("User expired. Contact your local system administrator.")
    if str(data.get("AUTHENTICATOR", "")).upper() == "SNOWFLAKE_JWT":
        _check_token(user, str(data.get("TOKEN", "")))
    else:
        _check_password(user, str(data.get("PASSWORD", "")))
    return user


def _check_password(user: Record, password: str) -> None:
    kept = user.properties.get("PASSWORD_HASH")
    if user.properties.get("TYPE") == "SERVICE" or not kept or not matches(password, kept):
        raise LoginError


def _check_token(user: Record, token: str) -> None:
    for name in ("RSA_PUBLIC_KEY", "RSA_PUBLIC_KEY_2"):
        key = user.properties.get(name)
        if key and _signed_with(token, key):
            return
    raise LoginError("JWT token is invalid.")


def _signed_with(token: str, key: str) -> bool:
    try:
        public = serialization.load_der_public_key(_der(key))
        claims = jwt.decode(token, public, algorithms=["RS256"])  # type: ignore[arg-type]  # RSA only
    except (jwt.PyJWTError, ValueError):
        return False
    return str(claims.get("iss", "")).endswith(fingerprint(key))


def fingerprint(key: str) -> str:
    """The `SHA256:…` fingerprint of a public key, as DESCRIBE USER shows it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(_der(key)).digest()).decode()


def is_public_key(key: str) -> bool:
    """Whether it is an RSA public key, as PEM or its one-line body."""
    try:
        return isinstance(serialization.load_der_public_key(_der(key)), RSAPublicKey)
    except (ValueError, UnsupportedAlgorithm):
        return False


def _der(key: str) -> bytes:
    lines = [line for line in key.splitlines() if not line.startswith("-----")]
    return base64.b64decode("".join(lines).replace(" ", ""))
