"""Variables and secrets of GitHub Actions, and what its workflows may do.

A secret arrives sealed with the repository's public key. The sandbox has nobody who could open it:
it keeps that there is one, and when it changed, and throws its content away.
https://docs.github.com/en/rest/actions/variables and https://docs.github.com/en/rest/actions/secrets
"""

from __future__ import annotations

import base64
import re
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from sandbox.github.call import NO_CONTENT, Answer, Call, Endpoint, Right, page
from sandbox.github.errors import ConflictError, NotFoundError, ValidationError
from sandbox.github.store import Document, moment

_NAME: Final = r"(?!GITHUB_)[A-Za-z_][A-Za-z0-9_]*"


def _checked_name(name: object) -> str:
    if not isinstance(name, str) or not re.fullmatch(_NAME, name, re.IGNORECASE):
        raise ValidationError("ActionsVariable", "name")
    return name.upper()


def _found(call: Call, kind: str) -> Document:
    call.repository(Right.ADMIN)
    found = call.store.get(kind, call.key(kind, call.params["name"]))
    if found is None:
        raise NotFoundError
    return found


def _list(call: Call, kind: str) -> Answer:
    call.repository(Right.ADMIN)
    found = call.store.below(kind, f"{call.repository_key}/{kind}/")
    return Answer({"total_count": len(found), f"{kind}s": page(call, found)})


def _create_variable(call: Call) -> Answer:
    call.repository(Right.ADMIN)
    name = _checked_name(call.body.get("name"))
    key = call.key("variable", name)
    if call.store.get("variable", key):
        raise ConflictError("Already exists - Variable already exists")
    now = moment()
    value = str(call.body.get("value", ""))
    made = {"name": name, "value": value, "created_at": now, "updated_at": now}
    call.store.put("variable", key, made)
    return Answer({}, 201)


def _edit_variable(call: Call) -> Answer:
    variable = _found(call, "variable")
    name = _checked_name(call.body.get("name") or variable["name"])
    changed = {**variable, "name": name, "updated_at": moment()}
    if "value" in call.body:
        changed["value"] = str(call.body["value"])
    call.store.remove("variable", call.key("variable", variable["name"]))
    call.store.put("variable", call.key("variable", name), changed)
    return NO_CONTENT


def _delete(call: Call, kind: str) -> Answer:
    found = _found(call, kind)
    call.store.remove(kind, call.key(kind, found["name"]))
    return NO_CONTENT


def _public_key(call: Call) -> Answer:
    call.repository(Right.ADMIN)
    key = call.key("public key")
    kept = call.store.get("public key", key)
    if kept is None:
        public = X25519PrivateKey.generate().public_key().public_bytes_raw()
        kept = {"key_id": str(call.store.number()), "key": base64.b64encode(public).decode()}
        call.store.put("public key", key, kept)
    return Answer(kept)


def _put_secret(call: Call) -> Answer:
    call.repository(Right.ADMIN)
    name = _checked_name(call.params["name"])
    public = call.store.get("public key", call.key("public key"))
    if not call.body.get("encrypted_value"):
        raise ValidationError("Secret", "encrypted_value", "missing_field")
    if public is None or call.body.get("key_id") != public["key_id"]:
        raise ValidationError("Secret", "key_id")
    key, now = call.key("secret", name), moment()
    earlier = call.store.get("secret", key)
    created = earlier["created_at"] if earlier else now
    call.store.put("secret", key, {"name": name, "created_at": created, "updated_at": now})
    return NO_CONTENT if earlier else Answer({}, 201)


_PERMISSIONS: Final = {"enabled": True, "allowed_actions": "all", "sha_pinning_required": False}
_WORKFLOW: Final = {
    "default_workflow_permissions": "read",
    "can_approve_pull_request_reviews": False,
}
_CHOICES: Final = {
    "allowed_actions": ("all", "local_only", "selected"),
    "default_workflow_permissions": ("read", "write"),
}


def _settings(path: str, kind: str, defaults: dict[str, Any]) -> tuple[Endpoint, ...]:
    """A document of settings that GET reads and PUT changes."""

    def read(call: Call) -> Answer:
        call.repository(Right.ADMIN)
        return Answer({**defaults, **(call.store.get(kind, call.key(kind)) or {})})

    def write(call: Call) -> Answer:
        call.repository(Right.ADMIN)
        given = {name: call.body[name] for name in defaults if name in call.body}
        for name, allowed in _CHOICES.items():
            if name in given and given[name] not in allowed:
                raise ValidationError("Repository", name)
        call.store.put(
            kind, call.key(kind), {**(call.store.get(kind, call.key(kind)) or {}), **given}
        )
        return NO_CONTENT

    return (("GET", path, read), ("PUT", path, write))


_PATH: Final = "/repos/{owner}/{repo}/actions"
ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    *_settings(f"{_PATH}/permissions", "actions permissions", _PERMISSIONS),
    *_settings(f"{_PATH}/permissions/workflow", "workflow permissions", _WORKFLOW),
    ("GET", f"{_PATH}/variables", lambda call: _list(call, "variable")),
    ("POST", f"{_PATH}/variables", _create_variable),
    ("GET", f"{_PATH}/variables/{{name}}", lambda call: Answer(_found(call, "variable"))),
    ("PATCH", f"{_PATH}/variables/{{name}}", _edit_variable),
    ("DELETE", f"{_PATH}/variables/{{name}}", lambda call: _delete(call, "variable")),
    ("GET", f"{_PATH}/secrets", lambda call: _list(call, "secret")),
    ("GET", f"{_PATH}/secrets/public-key", _public_key),
    ("GET", f"{_PATH}/secrets/{{name}}", lambda call: Answer(_found(call, "secret"))),
    ("PUT", f"{_PATH}/secrets/{{name}}", _put_secret),
    ("DELETE", f"{_PATH}/secrets/{{name}}", lambda call: _delete(call, "secret")),
)
