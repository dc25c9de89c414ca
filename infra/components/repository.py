"""A repository on GitHub with all that guards it.

`auto_init` gives a new repository its first commit, without which it has no branch to protect.
A protected environment's repository is never deleted by a deployment.
"""

from collections.abc import Mapping

import pulumi
import pulumi_github as github

from infra.model import repository as facts
from infra.model.naming import Token, logical


class Repository(pulumi.ComponentResource):
    """Settings, teams, branches with their protection, deployments, labels, Actions."""

    def __init__(
        self,
        name: str,
        repository: facts.Repository,
        provider: github.Provider,
        secrets: Mapping[str, pulumi.Output[str]],
        parent: pulumi.Resource,
        *,
        protect: bool,
    ) -> None:
        """``secrets``: the values of Actions' secrets, by name."""
        super().__init__(Token.REPOSITORY, name, opts=pulumi.ResourceOptions(parent=parent))
        self._key = logical(name)
        self._plain = pulumi.ResourceOptions(parent=self, provider=provider)
        holding = pulumi.ResourceOptions(parent=self, provider=provider, protect=protect)
        self.repository = _repository(name, repository, holding)
        teams = {slug: self._team(slug, team) for slug, team in repository.teams.items()}
        branches = self._branches(repository)
        self._security(repository)
        for pattern, rule in repository.protection.items():
            self._protection(pattern, rule, branches)
        for pattern, tags in repository.release_tags.items():
            self._release_tags(pattern, tags)
        for key, deployment in repository.environments.items():
            self._deployment(key, deployment, teams)
        self._labels(repository.labels)
        self._actions(repository, secrets)
        self.register_outputs({"full_name": self.repository.full_name})

    def _logical(self, *parts: str) -> str:
        """A logical name; ``*`` is written out, because a name keeps letters only."""
        return logical(self._key, *(part.replace("*", "any") for part in parts))

    def _branches(self, repository: facts.Repository) -> list[pulumi.Resource]:
        made: list[pulumi.Resource] = [
            github.Branch(
                self._logical("branch", branch),
                repository=self.repository.name,
                branch=branch,
                source_branch=repository.default_branch,
                opts=self._plain,
            )
            for branch in repository.branches
        ]
        default = github.BranchDefault(
            self._logical("default-branch"),
            repository=self.repository.name,
            branch=repository.default_branch,
            opts=self._plain,
        )
        return [*made, default]

    def _team(self, slug: str, team: facts.Team) -> tuple[github.Team, github.TeamRepository]:
        made = github.Team(
            self._logical("team", slug),
            name=slug,
            description=team.description,
            privacy="closed",
            opts=self._plain,
        )
        access = github.TeamRepository(
            self._logical("team", slug, "access"),
            team_id=made.id,
            repository=self.repository.name,
            permission=team.permission.value,
            opts=self._plain,
        )
        return made, access

    def _security(self, repository: facts.Repository) -> None:
        github.RepositoryDependabotSecurityUpdates(
            self._logical("dependabot"),
            repository=self.repository.name,
            enabled=repository.dependabot_security_updates,
            opts=self._plain,
        )
        github.WorkflowRepositoryPermissions(
            self._logical("workflow-permissions"),
            repository=self.repository.name,
            default_workflow_permissions="read",
            can_approve_pull_request_reviews=False,
            opts=self._plain,
        )

    def _protection(
        self, pattern: str, rule: facts.Protection, branches: list[pulumi.Resource]
    ) -> None:
        checks = github.BranchProtectionRequiredStatusCheckArgs(
            strict=rule.strict, contexts=list(rule.required_status_checks)
        )
        reviews = github.BranchProtectionRequiredPullRequestReviewArgs(
            required_approving_review_count=rule.required_approving_review_count,
            require_code_owner_reviews=rule.require_code_owner_reviews,
            dismiss_stale_reviews=rule.dismiss_stale_reviews,
            require_last_push_approval=rule.require_last_push_approval,
        )
        github.BranchProtection(
            self._logical("protection", pattern),
            repository_id=self.repository.node_id,
            pattern=pattern,
            required_pull_request_reviews=[reviews],
            required_status_checks=[checks] if rule.required_status_checks else None,
            required_linear_history=rule.required_linear_history,
            enforce_admins=rule.enforce_admins,
            require_conversation_resolution=rule.require_conversation_resolution,
            require_signed_commits=rule.require_signed_commits,
            allows_deletions=rule.allows_deletions,
            allows_force_pushes=rule.allows_force_pushes,
            opts=pulumi.ResourceOptions.merge(
                self._plain, pulumi.ResourceOptions(depends_on=branches)
            ),
        )

    def _release_tags(self, pattern: str, tags: facts.ReleaseTags) -> None:
        github.RepositoryRuleset(
            self._logical("release-tags", pattern),
            name=f"release tags {pattern}",
            repository=self.repository.name,
            target="tag",
            enforcement="active",
            conditions=github.RepositoryRulesetConditionsArgs(
                ref_name=github.RepositoryRulesetConditionsRefNameArgs(
                    includes=[f"refs/tags/{pattern}"], excludes=[]
                )
            ),
            rules=github.RepositoryRulesetRulesArgs(
                required_signatures=tags.required_signatures,
                update=tags.update,
                deletion=tags.deletion,
            ),
            opts=self._plain,
        )

    def _deployment(
        self,
        key: str,
        deployment: facts.Deployment,
        teams: Mapping[str, tuple[github.Team, github.TeamRepository]],
    ) -> None:
        asked = [teams[slug] for slug in deployment.reviewers]
        reviewers = github.RepositoryEnvironmentReviewerArgs(
            teams=[team.id.apply(int) for team, _ in asked]
        )
        custom = github.RepositoryEnvironmentDeploymentBranchPolicyArgs(
            protected_branches=False, custom_branch_policies=True
        )
        made = github.RepositoryEnvironment(
            self._logical("environment", key),
            repository=self.repository.name,
            environment=key,
            reviewers=[reviewers] if asked else None,
            prevent_self_review=deployment.prevent_self_review if asked else None,
            can_admins_bypass=deployment.can_admins_bypass,
            wait_timer=deployment.wait_timer or None,
            deployment_branch_policy=custom if deployment.branches else None,
            opts=pulumi.ResourceOptions.merge(
                self._plain, pulumi.ResourceOptions(depends_on=[access for _, access in asked])
            ),
        )
        for branch in deployment.branches:
            github.RepositoryEnvironmentDeploymentPolicy(
                self._logical("environment", key, "from", branch),
                repository=self.repository.name,
                environment=made.environment,
                branch_pattern=branch,
                opts=self._plain,
            )

    def _labels(self, labels: Mapping[str, facts.Label]) -> None:
        if labels:
            github.IssueLabels(
                self._logical("labels"),
                repository=self.repository.name,
                labels=[
                    github.IssueLabelsLabelArgs(
                        name=key, color=label.color, description=label.description
                    )
                    for key, label in sorted(labels.items())
                ],
                opts=self._plain,
            )

    def _actions(
        self, repository: facts.Repository, secrets: Mapping[str, pulumi.Output[str]]
    ) -> None:
        for key, value in repository.variables.items():
            github.ActionsVariable(
                self._logical("variable", key),
                repository=self.repository.name,
                variable_name=key,
                value=value,
                opts=self._plain,
            )
        for key in repository.secrets:
            github.ActionsSecret(
                self._logical("secret", key),
                repository=self.repository.name,
                secret_name=key,
                plaintext_value=secrets[key],
                opts=self._plain,
            )


def _repository(
    name: str, repository: facts.Repository, options: pulumi.ResourceOptions
) -> github.Repository:
    return github.Repository(
        logical(name),
        name=name,
        description=repository.description,
        visibility=repository.visibility.value,
        topics=list(repository.topics),
        has_issues=repository.has_issues,
        has_projects=repository.has_projects,
        has_wiki=repository.has_wiki,
        allow_merge_commit=repository.allow_merge_commit,
        allow_squash_merge=repository.allow_squash_merge,
        allow_rebase_merge=repository.allow_rebase_merge,
        allow_auto_merge=repository.allow_auto_merge,
        delete_branch_on_merge=repository.delete_branch_on_merge,
        vulnerability_alerts=repository.vulnerability_alerts,
        auto_init=True,
        opts=options,
    )
