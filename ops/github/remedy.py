"""Three ways to end a difference on GitHub: say it in the facts, put it back, or accept it.

What code makes, the next deployment puts back, because it asks GitHub first where something
differs. What is in no code is taken away by one request.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import quote

import yaml

from infra.model.naming import logical
from infra.model.repository import Deployment, Label, Protection, Repository
from ops.drift.finding import Finding, Fix, Form
from ops.drift.remedy import Place, accept
from ops.github import names
from ops.github.deployed import Deployed
from ops.github.standing import Standing
from ops.github.transport import GITHUB

_SECTIONS: Final[Mapping[str, tuple[str, type[Any]]]] = {
    names.PROTECTION: ("protection", Protection),
    names.ENVIRONMENT: ("environments", Deployment),
    names.LABEL: ("labels", Label),
}
"""By kind: the key of a repository's facts, and what its entries may say."""
_IMPORTED: Final[Mapping[str, tuple[str, str]]] = {
    names.PROTECTION: ("github:index/branchProtection:BranchProtection", "protection"),
    names.ENVIRONMENT: ("github:index/repositoryEnvironment:RepositoryEnvironment", "environment"),
    names.VARIABLE: ("github:index/actionsVariable:ActionsVariable", "variable"),
}
"""What is a resource of its own: its type, and the word in its name (infra/components)."""
UNPROTECT: Final = (
    "mutation($input: DeleteBranchProtectionRuleInput!) "
    "{ deleteBranchProtectionRule(input: $input) { clientMutationId } }"
)
_NO_FACT: Final = (
    "# No fact says this. Declare it in the program (docs/adding.md), or take it back, or accept "
    "it."
)


def fixes(
    finding: Finding, place: Place, code: Deployed, standing: Standing, today: date
) -> tuple[Fix, ...]:
    """The ways, the one that keeps what is live first."""
    facts = _facts(finding, standing)
    name = "take out" if finding.form is Form.MISSING else "adopt"
    text = yaml.safe_dump(facts, sort_keys=False, width=1000).rstrip() if facts else _NO_FACT
    if facts and finding.form is Form.UNKNOWN:
        text = f"{text}\n{_import(finding, place.stack, code)}".rstrip()
    first = Fix(name, place.file if facts else "", text)
    if finding.form is Form.UNKNOWN:
        second = Fix("revoke", "", _removal(finding, standing))
    else:
        second = Fix("put back", "", _put_back(finding, place))
    return first, second, accept(finding, place.stack, today)


def _facts(finding: Finding, standing: Standing) -> dict[str, Any]:
    """What to write into the facts so that code says what GitHub has."""
    repository, name = finding.securable.path[0], finding.securable.path[-1]
    inner = _entry(finding, name, standing)
    if inner is None:
        return {}
    if finding.form is Form.MISSING and finding.securable.kind == names.REPOSITORY:
        return {"repositories": {repository: None}}
    return {"repositories": {repository: inner}} if inner else {}


def _entry(finding: Finding, name: str, standing: Standing) -> dict[str, Any] | None:
    kind, missing = finding.securable.kind, finding.form is Form.MISSING
    live = next((s for one, s in standing.things.items() if one == finding.securable), {})
    if finding.setting:
        live = {finding.setting: live.get(finding.setting)}
    if kind in _SECTIONS:
        section, model = _SECTIONS[kind]
        said = {key: _plain(value) for key, value in live.items() if key in model.model_fields}
        return {section: {name: None if missing else said}} if missing or said else {}
    if kind == names.REPOSITORY:
        said = {k: _plain(value) for k, value in live.items() if k in Repository.model_fields}
        return {} if missing else said
    if kind == names.VARIABLE:
        return {"variables": {name: None if missing else live.get("value")}}
    if kind == names.TEAM:
        return {"teams": {name: None if missing else {"permission": live.get("permission")}}}
    return None


def _import(finding: Finding, stack: str, code: Deployed) -> str:
    """The line that takes it into the stack; empty where the next deployment does by itself.

    https://www.pulumi.com/docs/iac/cli/commands/pulumi_import/
    """
    repository, name = finding.securable.path[0], finding.securable.path[-1]
    parent = code.component(repository)
    if finding.securable.kind not in _IMPORTED or not parent:
        return ""
    sort, word = _IMPORTED[finding.securable.kind]
    key = logical(logical(repository), word, name.replace("*", "any"))
    return (
        'eval "$(./leap env)"\n'
        f"pulumi import {sort} {key} '{repository}:{name}' --stack {stack}"
        f" --parent repository='{parent}' --provider github='{code.provider}'"
        " --protect=false --generate-code=false --yes"
    )


def _put_back(finding: Finding, place: Place) -> str:
    line = f"./leap apply --refresh --stack {place.stack}"
    return f"{line}   # on the sandbox ./leap up does" if place.stack == "local" else line


def _removal(finding: Finding, standing: Standing) -> str:
    """The request that takes it away."""
    kind, name = finding.securable.kind, quote(finding.securable.path[-1], safe="")
    path = f"/repos/{standing.owner}/{finding.securable.path[0]}"
    address = {
        names.RULESET: _of(finding, standing.addresses),
        names.TEAM: f"/orgs/{standing.owner}/teams/{name}{path}",
        names.COLLABORATOR: f"{path}/collaborators/{name}",
        names.ENVIRONMENT: f"{path}/environments/{name}",
        names.LABEL: f"{path}/labels/{name}",
        names.VARIABLE: f"{path}/actions/variables/{name}",
        names.SECRET: f"{path}/actions/secrets/{name}",
    }.get(kind, "")
    bearer = '-H "Authorization: Bearer $GITHUB_TOKEN"'
    if kind == names.PROTECTION:
        root = f"{standing.base_url}/api/graphql" if standing.base_url else f"{GITHUB}/graphql"
        rule = {"branchProtectionRuleId": _of(finding, standing.nodes)}
        body = json.dumps({"query": UNPROTECT, "variables": {"input": rule}})
        return f"curl {bearer} {root} -d '{body}'"
    if not address:
        return "# Take it away in the repository's settings."
    root = f"{standing.base_url}/api/v3" if standing.base_url else GITHUB
    return f"curl -X DELETE {bearer} {root}{address}"


def _of(finding: Finding, known: Mapping[names.Thing, str]) -> str:
    return next((text for one, text in known.items() if one == finding.securable), "")


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
