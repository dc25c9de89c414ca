"""Public keys of service users, as files: `<USER>.pub` and `<USER>.2.pub`, one for each slot.

A file is PEM, with lines above it that say when the key was made. Private keys are deliberately
absent: nothing of ours ever reads one but who logs in with it.
"""

import base64
import binascii
import hashlib
import re
from typing import Final, NamedTuple

SLOTS: Final = (1, 2)
_BEGIN, _END = "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"
_MADE: Final = re.compile(r"^Created: (\S+)$", re.MULTILINE)


class PublicKeys(NamedTuple):
    """The two slots of a user, as Snowflake takes them: the PEM's body on one line."""

    first: str | None = None
    second: str | None = None


class KeyFile(NamedTuple):
    """What a file of a public key says."""

    body: str
    created: str
    """ISO 8601 in UTC; empty where the file does not say."""

    @property
    def fingerprint(self) -> str:
        """As DESCRIBE USER shows it: ``SHA256:`` and the digest in base64."""
        digest = hashlib.sha256(base64.b64decode(self.body)).digest()
        return f"SHA256:{base64.b64encode(digest).decode()}"


def file_name(user: str, slot: int) -> str:
    """The name of the file for one of a user's slots."""
    return f"{user}.pub" if slot == 1 else f"{user}.{slot}.pub"


def parse(text: str) -> KeyFile:
    """The key in a file's text.

    Raises:
        ValueError: it is no public key; the text says what it is.
    """
    if "PRIVATE KEY" in text:
        raise ValueError("a PRIVATE key: it must not be here, and is not safe any more")
    begin, end = text.find(_BEGIN), text.find(_END)
    if begin < 0 or end < begin:
        raise ValueError("no public key in PEM")
    body = "".join(text[begin + len(_BEGIN) : end].split())
    try:
        base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise ValueError(f"a broken public key ({error})") from error
    made = _MADE.search(text[:begin])
    return KeyFile(body, made[1] if made else "")


def written(pem: str, user: str, created: str) -> str:
    """The text of a file for a key that was just made."""
    return f"User: {user}\nCreated: {created}\n{pem.strip()}\n"
