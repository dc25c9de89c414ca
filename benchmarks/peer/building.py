"""OpenTofu and the provider as a Terraform plugin, from Go modules, in the engine's cache."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from engine import build, golang
from engine.programs import MODULES, Program
from engine.progress import Step, StepState

TOFU: Final = Program(
    name="tofu",
    folder=Path(__file__).parent / "tofu",
    package="github.com/opentofu/opentofu/cmd/tofu",
    link_flags="-s -w",
)
PROVIDER: Final = Program(
    name="terraform-provider-snowflake",
    folder=MODULES / "snowflake",
    package="github.com/Snowflake-Labs/terraform-provider-snowflake",
    link_flags="-s -w",
)


class Peer(NamedTuple):
    """The two programs."""

    tofu: Path
    provider: Path


def built() -> Peer:
    """Both programs, built if need be (some ten minutes on two cores the first time)."""
    go = golang.find_or_bring(print)
    return Peer(build.build(TOFU, go, _say), build.build(PROVIDER, go, _say))


def _say(step: Step) -> None:
    """A line for each end; the counts in between would fill a screen."""
    if step.state is not StepState.RUNNING:
        print(f"  {step.program}: {step.state} {step.detail}", flush=True)
