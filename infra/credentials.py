"""How the providers prove to Snowflake who they are."""

import pulumi

from infra.components.providers import Credentials
from infra.model.stack_config import PRIVATE_KEY, PROJECT
from infra.settings import Secrets, SettingsError


def credentials(hidden: Secrets) -> Credentials:
    """How the providers log in: the sandbox's password, or the key of the stack's configuration.

    Raises:
        SettingsError: a real account without a key.
    """
    if hidden.password is not None:
        return Credentials(password=pulumi.Output.secret(hidden.password))
    key = pulumi.Config(PROJECT).get_secret(PRIVATE_KEY)
    if key is None:
        set_it = f"pulumi config set --secret {PROJECT}:{PRIVATE_KEY} < key.p8"
        raise SettingsError([f"{PROJECT}:{PRIVATE_KEY}: got nothing, allowed: a key ({set_it})"])
    return Credentials(private_key=key)
