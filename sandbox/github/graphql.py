"""GitHub's GraphQL: the vendor's schema in part, executed by graphql-core.

A field or a mutation that the schema lacks is an error that names it, as GraphQL answers it; so a
client that asks for more than this is never answered with a guess.
https://docs.github.com/en/graphql/reference
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

from graphql import (
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    OverlappingFieldsCanBeMergedRule,
    build_schema,
    execute_sync,
    parse,
    specified_rules,
    validate,
)

from sandbox.github import organizations, rules
from sandbox.github.call import Answer, Call, Endpoint, Right
from sandbox.github.errors import InvalidBodyError, NotFoundError
from sandbox.github.store import Document

_ALLOWANCES: Final = {
    "pushAllowances": "pushActorIds",
    "reviewDismissalAllowances": "reviewDismissalActorIds",
    "bypassForcePushAllowances": "bypassForcePushActorIds",
    "bypassPullRequestAllowances": "bypassPullRequestActorIds",
}
_RULES: Final = [rule for rule in specified_rules if rule is not OverlappingFieldsCanBeMergedRule]
"""GitHub's server is more lenient than the specification: its provider asks for `name` of an App
(never null) and of a User (may be null) in one selection."""
_ROLES: Final = {"R": "Repository", "T": "Team", "U": "User", "O": "Organization"}


_Info = GraphQLResolveInfo[Any]


class _RefusedError(GraphQLError):
    """An error with GitHub's `type`."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message, extensions={"type": kind})


def _unresolved(what: str) -> _RefusedError:
    return _RefusedError("NOT_FOUND", f"Could not resolve to {what}.")


def execute(call: Call) -> Answer:
    """Run a query or mutation. Errors of it are told in the answer, with status 200."""
    text = call.body.get("query")
    if not isinstance(text, str):
        raise InvalidBodyError
    try:
        document = parse(text)
    except GraphQLError as error:
        return Answer({"errors": [_told(error)]})
    if wrong := validate(_schema(), document, _RULES):
        return Answer({"errors": [_told(error) for error in wrong]})
    done = execute_sync(
        _schema(),
        document,
        root_value=_Root(call).fields(),
        variable_values=call.body.get("variables") or {},
        operation_name=call.body.get("operationName"),
    )
    answer: dict[str, Any] = {"data": done.data}
    if done.errors:
        answer["errors"] = [_told(error) for error in done.errors]
    return Answer(answer)


def _told(error: GraphQLError) -> dict[str, Any]:
    told = dict(error.formatted)
    kind = (error.extensions or {}).get("type")
    if kind is None:
        return told
    return {"type": kind, **{key: value for key, value in told.items() if key != "extensions"}}


@cache
def _schema() -> GraphQLSchema:
    return build_schema(Path(__file__).with_name("schema.graphql").read_text(encoding="utf-8"))


def _connection(nodes: list[Any]) -> dict[str, Any]:
    """Everything on one page: no repository here has more than GitHub's hundred."""
    info = {"hasNextPage": False, "hasPreviousPage": False, "endCursor": None, "startCursor": None}
    return {"nodes": nodes, "totalCount": len(nodes), "pageInfo": info}


class _Root:
    """The fields of Query and Mutation; what they give is dictionaries with `__typename`."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def fields(self) -> dict[str, Callable[..., Any]]:
        """By the vendor's names."""
        return {
            "viewer": self.viewer,
            "user": self.user,
            "organization": self.organization,
            "repository": self.repository,
            "node": self.node,
            "createBranchProtectionRule": self.create,
            "updateBranchProtectionRule": self.update,
            "deleteBranchProtectionRule": self.delete,
        }

    def viewer(self, _info: _Info) -> Document:
        """Whose token it is."""
        return _person(organizations.user(self._call.actor))

    def user(self, _info: _Info, login: str) -> Document:
        """A person by login; the sandbox knows the token's own."""
        if login.lower() != self._call.actor.login.lower():
            raise _unresolved(f"a User with the login of '{login}'")
        return self.viewer(_info)

    def organization(self, _info: _Info, login: str) -> Document:
        """The organization."""
        try:
            found = organizations.organization(self._call, login)
        except NotFoundError as error:
            raise _unresolved(f"an Organization with the login of '{login}'") from error
        return {**_person(found), "__typename": "Organization", "team": self._team}

    def repository(self, _info: _Info, owner: str, name: str, **_: object) -> Document:
        """A repository by owner and name."""
        found = self._call.store.get("repository", f"{owner}/{name}")
        if found is None or (found["private"] and self._call.actor.right < Right.READ):
            raise _unresolved(f"a Repository with the name '{owner}/{name}'")
        return self._repository(found)

    def node(self, _info: _Info, **given: str) -> Document:
        """Anything by its global id."""
        found = self._by_id(given["id"])
        if found is None:
            raise _unresolved(f"a node with the global id of '{given['id']}'")
        return found

    def create(self, _info: _Info, **asked: Document) -> Document:
        """Protect the branches of a pattern."""
        given = asked["input"]
        repository = self._by_id(given["repositoryId"])
        if repository is None or repository["__typename"] != "Repository":
            raise _unresolved(f"a node with the global id of '{given['repositoryId']}'")
        self._administer()
        key, pattern = repository["nameWithOwner"], given["pattern"]
        if any(rule["pattern"] == pattern for rule in rules.of_repository(self._call.store, key)):
            raise _RefusedError("UNPROCESSABLE", f"Name already protected: {pattern}")
        self._check(given)
        rule = rules.made(self._call.store, key, pattern, given)
        return self._payload(given, rule)

    def update(self, _info: _Info, **asked: Document) -> Document:
        """Change a rule; what is not given stays."""
        given = asked["input"]
        rule = self._rule(given)
        self._check(given)
        if given.get("pattern"):
            rule = {**rule, "pattern": given["pattern"]}
        return self._payload(given, rules.changed(self._call.store, rule, given))

    def delete(self, _info: _Info, **asked: Document) -> Document:
        """Remove a rule."""
        given = asked["input"]
        rules.removed(self._call.store, self._rule(given))
        return {"clientMutationId": given.get("clientMutationId")}

    def _payload(self, given: Document, rule: Document) -> Document:
        return {
            "branchProtectionRule": self._shown(rule),
            "clientMutationId": given.get("clientMutationId"),
        }

    def _rule(self, given: Document) -> Document:
        rule_id = given["branchProtectionRuleId"]
        rule = rules.by_id(self._call.store, rule_id)
        if rule is None:
            raise _unresolved(f"a node with the global id of '{rule_id}'")
        self._administer()
        return rule

    def _administer(self) -> None:
        if self._call.actor.right < Right.ADMIN:
            login = self._call.actor.login
            text = f"{login} does not have the correct permissions to execute this mutation"
            raise _RefusedError("FORBIDDEN", text)

    def _check(self, given: Document) -> None:
        count = given.get("requiredApprovingReviewCount")
        if count is not None and count not in range(7):
            raise _RefusedError(
                "UNPROCESSABLE", "Required approving review count must be from 0 to 6"
            )
        for field in _ALLOWANCES.values():
            for actor in given.get(field) or ():
                if self._by_id(actor) is None:
                    raise _unresolved(f"a node with the global id of '{actor}'")

    def _by_id(self, node_id: str) -> Document | None:
        """What has that id, as GraphQL shows it."""
        store = self._call.store
        if node_id.startswith("BPR_"):
            rule = rules.by_id(store, node_id)
            return self._shown(rule) if rule is not None else None
        kind = _ROLES.get(node_id.partition("_")[0])
        if kind == "Repository":
            found = _first(store.below("repository", ""), node_id)
            return self._repository(found) if found is not None else None
        if kind == "Team":
            team = _first(store.below("team", ""), node_id)
            return _team(team) if team is not None else None
        viewer = _person(organizations.user(self._call.actor))
        return viewer if viewer["id"] == node_id else None

    def _team(self, _info: _Info, slug: str) -> Document | None:
        found = self._call.store.get("team", f"{self._call.organization}/{slug}")
        return _team(found) if found is not None else None

    def _repository(self, found: Document) -> Document:
        key = f"{found['owner']}/{found['name']}"

        may = self._call.actor.right is Right.ADMIN

        def protection(_info: _Info, **_: object) -> Document:
            of_it = rules.of_repository(self._call.store, key) if may else []
            return _connection([self._shown(rule) for rule in of_it])

        def ref(_info: _Info, **given: str) -> Document | None:
            return self._ref(key, given["qualifiedName"])

        return {
            "__typename": "Repository",
            "id": found["node_id"],
            "databaseId": found["id"],
            "name": found["name"],
            "nameWithOwner": key,
            "description": found["description"],
            "isPrivate": found["private"],
            "isArchived": found["archived"],
            "defaultBranchRef": self._ref(key, str(found["default_branch"])),
            "branchProtectionRules": protection,
            "ref": ref,
            "viewerPermission": "ADMIN" if may else "READ",
        }

    def _ref(self, key: str, qualified: str) -> Document | None:
        """A branch, with what its protection asks; the rule itself is for administrators."""
        name = qualified.removeprefix("refs/heads/")
        if self._call.store.get("ref", f"{key}/heads/{name}") is None:
            return None
        rule = rules.matching(self._call.store, key, name)
        return {
            "id": f"REF_{name}",
            "name": name,
            "prefix": "refs/heads/",
            "refUpdateRule": None if rule is None else _asked_of(rule),
        }

    def _shown(self, rule: Document) -> Document:
        repository = self._call.store.get("repository", rule["repository"])
        allowances = {
            name: _connection([{"actor": self._by_id(actor)} for actor in rule[field]])
            for name, field in _ALLOWANCES.items()
        }
        return {
            **rule,
            **allowances,
            "__typename": "BranchProtectionRule",
            "repository": self._repository(repository) if repository is not None else None,
        }


def _asked_of(rule: Document) -> Document:
    reviewed, checked = rule["requiresApprovingReviews"], rule["requiresStatusChecks"]
    return {
        **rule,
        "requiredApprovingReviewCount": rule["requiredApprovingReviewCount"] if reviewed else None,
        "requiredStatusCheckContexts": rule["requiredStatusCheckContexts"] if checked else None,
        "requiresSignatures": rule["requiresCommitSignatures"],
    }


def _first(documents: list[Document], node_id: str) -> Document | None:
    return next((one for one in documents if one["node_id"] == node_id), None)


def _person(found: Document) -> Document:
    return {
        "__typename": "User",
        "id": found["node_id"],
        "databaseId": found["id"],
        "login": found["login"],
        "name": found["name"],
    }


def _team(found: Document) -> Document:
    return {
        "__typename": "Team",
        "id": found["node_id"],
        "databaseId": found["id"],
        "name": found["name"],
        "slug": found["slug"],
        "description": found["description"],
    }


ENDPOINTS: Final[tuple[Endpoint, ...]] = (("POST", "/api/graphql", execute),)
