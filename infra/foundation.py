"""The program of a foundation stack: the whole, or for a narrow preview the part that changed.

`leap preview` compares the facts with those of the last good run; where only access differs, there
is no need to ask the engine and the plugin about everything else. The engine is told the same
resources as its targets. A part is for previews only: an update always declares the whole estate.
"""

import functools
import os
from collections.abc import Callable
from typing import Final

import pulumi

from infra.components.access import Access
from infra.components.providers import Providers
from infra.components.roles import Roles
from infra.credentials import credentials
from infra.model.part import Part
from infra.settings import Settings, destination, secrets

VARIABLE: Final = "LEAP_PREVIEW_PART"
"""The environment variable that holds a `Part` as JSON."""


def program() -> Callable[[Settings], None]:
    """What this run is to declare.

    Raises:
        pulumi.RunError: a part is asked for, but this is no preview.
    """
    text = os.environ.get(VARIABLE)
    if not text:
        from infra.deploy import deploy  # a part needs neither GitHub nor the rest of the estate

        return deploy
    if not pulumi.runtime.is_dry_run():
        raise pulumi.RunError(f"{VARIABLE}: got a part, allowed: only in a preview (unset it)")
    return functools.partial(_declare, Part.model_validate_json(text))


def _declare(part: Part, settings: Settings) -> None:
    """Declares the part, under the URNs that the whole gives it."""
    place = destination(settings)
    providers = Providers("providers", place.snowflake, credentials(secrets(settings)))
    roles = Roles("roles", settings.environment, providers, only=part.roles)
    Access("access", settings.environment, providers, roles.by_name, {}, only=part.grants)
