"""LEAP's own component of repositories, on two sets of facts: `STEP` says which."""

import json
import os
from pathlib import Path

import pulumi

from infra import settings
from infra.components.repositories import Repositories
from infra.model.target import GithubTarget

ROOT = Path(os.environ["LEAP_ROOT"])

environment = settings.load(ROOT, "local").environment
if os.environ["STEP"] == "2":
    leap = environment.repositories["leap"].model_dump(mode="json")
    leap["description"] = "Another one"
    leap["topics"] = ["dbt"]
    leap["protection"]["develop"]["required_approving_review_count"] = 2
    leap["release_tags"]["v*"]["deletion"] = False
    leap["teams"]["data-engineering"]["permission"] = "pull"
    leap["teams"]["data-platform"]["description"] = "Somebody"
    leap["environments"]["prod"]["wait_timer"] = 5
    leap["environments"]["dev"]["branches"] = ["develop"]
    leap["labels"]["cost"]["color"] = "ffffff"
    leap["variables"]["LEAP_STACK"] = "other"
    leap["dependabot_security_updates"] = False
    leap["branches"] = ["develop", "next"]
    facts = type(environment.repositories["leap"]).model_validate_json(json.dumps(leap))
    environment = environment.model_copy(update={"repositories": {"leap": facts}})

target = GithubTarget(owner="acme", base_url=os.environ["GITHUB_URL"])
secrets = {"leap": {"SNOWFLAKE_PRIVATE_KEY": pulumi.Output.secret(f"key {os.environ['STEP']}")}}
Repositories("repositories", environment, target, pulumi.Output.secret("owner"), secrets)
