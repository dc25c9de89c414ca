"""A repository on GitHub: its settings, who reviews what, what protects its branches and releases.

Property names are the provider's own. Nothing secret is a fact: a secret's value is in the stack's
configuration.

https://www.pulumi.com/registry/packages/github/api-docs/
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from infra.model.base import Fact

RepositoryName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,100}$")]
"""https://docs.github.com/en/rest/repos/repos#create-an-organization-repository"""
BranchName = Annotated[str, StringConstraints(pattern=r"^[^\s~^:?*\[\\]+$", max_length=200)]
"""A branch by its full name."""
Pattern = Annotated[str, StringConstraints(pattern=r"^[^\s~^:\\]+$", max_length=200)]
"""Names of branches or tags, with ``*`` for any part of one."""
Topic = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,49}$")]
TeamSlug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]
Colour = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{6}$")]
"""Red, green and blue, two hexadecimal digits each."""
SettingName = Annotated[str, StringConstraints(pattern=r"^[A-Z_][A-Z0-9_]*$")]
"""Of a variable or secret of Actions; one that begins with ``GITHUB_`` is GitHub's own.

https://docs.github.com/en/actions/reference/workflows-and-actions/variables
"""


class Visibility(StrEnum):
    """Who can see a repository."""

    PUBLIC = "public"
    PRIVATE = "private"
    INTERNAL = "internal"


class Permission(StrEnum):
    """What a team may do in a repository.

    https://docs.github.com/en/organizations/managing-user-access-to-your-organizations-repositories
    """

    PULL = "pull"
    TRIAGE = "triage"
    PUSH = "push"
    MAINTAIN = "maintain"
    ADMIN = "admin"


class Protection(Fact):
    """What a branch, or every branch of a pattern, is protected by.

    https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-protected-branches
    """

    required_approving_review_count: Annotated[int, Field(ge=0, le=6)] = 1
    require_code_owner_reviews: bool = False
    dismiss_stale_reviews: bool = True
    require_last_push_approval: bool = False
    required_status_checks: tuple[str, ...] = ()
    """Names of checks that must be green; none means that no check is required."""
    strict: bool = False
    """Whether the branch must be up to date with its base before it is merged."""
    required_linear_history: bool = True
    enforce_admins: bool = True
    require_conversation_resolution: bool = True
    require_signed_commits: bool = False
    allows_deletions: bool = False
    allows_force_pushes: bool = False


class ReleaseTags(Fact):
    """What tags of a pattern are protected by: a ruleset, which binds administrators too."""

    required_signatures: bool = True
    """Whether what is tagged must be signed."""
    update: bool = True
    """Whether such a tag can never be moved."""
    deletion: bool = True
    """Whether such a tag can never be deleted."""


class Deployment(Fact):
    """A deployment environment of Actions.

    https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments
    """

    branches: tuple[Pattern, ...] = ()
    """The branches that may deploy; none means any."""
    reviewers: Annotated[tuple[TeamSlug, ...], Field(max_length=6)] = ()
    """Teams of which one member must agree first."""
    prevent_self_review: bool = True
    can_admins_bypass: bool = False
    wait_timer: Annotated[int, Field(ge=0, le=43_200)] = 0
    """Minutes between the request and the deployment."""


class Team(Fact):
    """A team, and what it may do. Who is in it, the organization's identity provider says."""

    permission: Permission
    description: str = ""


class Label(Fact):
    """A label of issues and pull requests."""

    color: Colour
    description: Annotated[str, Field(max_length=100)] = ""


class Repository(Fact):
    """One repository."""

    description: str
    visibility: Visibility = Visibility.PRIVATE
    topics: tuple[Topic, ...] = ()
    default_branch: BranchName = "main"
    branches: tuple[BranchName, ...] = ()
    """Beside the default branch."""
    has_issues: bool = True
    has_projects: bool = False
    has_wiki: bool = False
    allow_merge_commit: bool = False
    allow_squash_merge: bool = True
    allow_rebase_merge: bool = True
    allow_auto_merge: bool = False
    delete_branch_on_merge: bool = True
    vulnerability_alerts: bool = True
    dependabot_security_updates: bool = True
    protection: Mapping[Pattern, Protection] = {}
    release_tags: Mapping[Pattern, ReleaseTags] = {}
    teams: Mapping[TeamSlug, Team] = {}
    environments: Mapping[str, Deployment] = {}
    labels: Mapping[str, Label] = {}
    variables: Mapping[SettingName, str] = {}
    secrets: tuple[SettingName, ...] = ()
    """Their values are in the stack's configuration, as ``leap:githubSecrets`` (a JSON object)."""
