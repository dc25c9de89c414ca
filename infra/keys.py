"""Where the public keys of an environment's service users are, and what they hold.

A real account's are committed (`environments/keys/<environment>/`): a public key is no secret, and
a review sees who gets a new one. The sandbox's are made by `leap`, beside its private keys.
"""

from collections.abc import Mapping
from pathlib import Path

from infra.model.problem import Problem
from infra.model.public_key import SLOTS, PublicKeys, file_name, parse
from infra.model.target import Target
from infra.settings import Settings, SettingsError


def folder(settings: Settings) -> Path:
    """The folder of the stack's public keys."""
    if settings.config.target == Target.SANDBOX:
        return settings.root / ".leap" / "keys" / settings.stack.name
    return settings.root / "environments" / "keys" / settings.stack.environment


def public_keys(settings: Settings) -> Mapping[str, PublicKeys]:
    """Both slots of each service user; a slot without a file is empty.

    Raises:
        SettingsError: a file holds no public key.
    """
    found, problems = {}, []
    for user in settings.environment.service_users:
        bodies: list[str | None] = []
        for slot in SLOTS:
            path = folder(settings) / file_name(user, slot)
            try:
                bodies.append(parse(path.read_text(encoding="utf-8")).body)
            except FileNotFoundError:
                bodies.append(None)
            except (OSError, ValueError) as error:
                shown = str(path.relative_to(settings.root))
                problems.append(str(Problem(shown, "", f"{error}", "a public key in PEM")))
        if not problems:
            found[user] = PublicKeys(*bodies)
    if problems:
        raise SettingsError(problems)
    return found
