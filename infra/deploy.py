"""The table of contents of the estate: what is made, in which order, and what waits for what."""

from collections.abc import Mapping, Sequence

import pulumi

from infra.components import contents
from infra.components.access import Access
from infra.components.account import Account
from infra.components.alerts import Alerts
from infra.components.budgets import Budgets
from infra.components.compute import Compute
from infra.components.database import Database
from infra.components.doors import Doors
from infra.components.feed import Feed
from infra.components.governance import Governance
from infra.components.landing import Landing
from infra.components.landing_events import LandingEvents
from infra.components.marketplace import Marketplace
from infra.components.notifications import Notifications
from infra.components.operations import Operations
from infra.components.people import People
from infra.components.providers import Providers
from infra.components.repositories import Repositories
from infra.components.roles import Roles
from infra.components.service_users import ServiceUsers
from infra.components.stages import Stages
from infra.components.tagging import Taggings
from infra.components.workspace_door import WorkspaceDoor
from infra.credentials import credentials
from infra.github_settings import organization, secret_values
from infra.keys import public_keys
from infra.model import tagging
from infra.model.environment import Environment
from infra.model.identifiers import quoted
from infra.model.notification import WEBHOOKS
from infra.model.pipelines import Feed as FeedFacts
from infra.model.stack_config import PROJECT
from infra.model.target import Target
from infra.outputs import export
from infra.second_region import export_second_account, integrations, landing_zones
from infra.settings import Secrets, Settings, SettingsError, destination, secrets
from ingestion.feed import load_feeds


def deploy(settings: Settings) -> None:
    """Declares the whole platform of a foundation stack.

    Raises:
        SettingsError: before anything is declared.
    """
    environment, place, hidden = settings.environment, destination(settings), secrets(settings)
    feeds, keys, login = _feeds(environment), public_keys(settings), credentials(hidden)

    providers = Providers("providers", place.snowflake, login)
    compute = Compute("compute", environment, providers)
    database = Database("database", environment, providers)
    contents.go_with(database.name, database.schemas)
    roles = Roles("roles", environment, providers)
    schema = database.schemas[environment.governance.schema_]
    governance = Governance("governance", environment, providers, schema)
    doors = _doors(environment, providers, schema, on_sandbox=place.on_sandbox)
    market = Marketplace("marketplace", environment, providers)
    schemas = _schemas(environment, database)
    standing: dict[str, Mapping[str, pulumi.Resource]] = {"SCHEMA": schemas}
    stages = Stages("stages", environment, providers, standing)
    carried = [database.database, *compute.ready.values(), *roles.by_name.values()]
    carried += governance.standing["TAG"].values()
    landing, region = landing_zones(environment, place, providers, login, feeds, carried)
    standing |= {
        **governance.standing,
        "WAREHOUSE": compute.ready,
        "DATABASE": {database.name: database.database, **market.databases},
        "STAGE": stages.stages,
        "INTEGRATION": integrations(landing, region),
    }
    access = Access("access", environment, providers, roles.by_name, needs=standing)
    ServiceUsers("service-users", environment, providers, doors, keys, roles.by_name)
    _people(environment, providers, hidden.people_password, roles)
    workshop = _quoted(environment, environment.operations.schema_)
    ready = [schemas[workshop], *access.on(workshop)]
    operations = Operations("operations", environment, providers, ready)
    WorkspaceDoor("workspace-door", environment, providers, schemas[workshop], ready, roles.by_name)
    inbox = _quoted(environment, environment.landing.schema_)
    needs = [schemas[inbox], *access.on(inbox, landing.names.storage_integration)]
    loaded = _loaded(environment, providers, feeds, landing, needs)
    standing["COLUMN"] = {name: feed.table for name, feed in loaded.items()}
    watched = [*compute.ready.values(), schema, *operations.tables, *standing["COLUMN"].values()]
    _watch(settings, providers, feeds, watched, schemas[workshop])
    pairs = [(f, loaded[f.name]) for f in feeds]
    LandingEvents("landing-events", landing, pairs, providers, place.aws)
    Taggings("taggings", environment, tagging.taggings(environment, feeds), providers, standing)
    _repositories(settings, hidden)
    export(settings, place, landing, loaded, keys)
    export_second_account(environment, region)


def _loaded(
    environment: Environment,
    providers: Providers,
    feeds: Sequence[FeedFacts],
    landing: Landing,
    needs: Sequence[pulumi.Resource],
) -> dict[str, Feed]:
    """What brings each feed's rows, once its bucket stands and may be read."""
    ready = [*needs, landing.bucket, landing.role]
    return {f.name: Feed(f, providers, environment, landing.names, ready) for f in feeds}


def _doors(
    environment: Environment, providers: Providers, schema: pulumi.Resource, *, on_sandbox: bool
) -> Doors:
    """The ways in, and what holds whoever came in."""
    if environment.account_parameters.given():
        Account("account", environment, providers)
    return Doors("doors", environment, providers, [schema], on_sandbox=on_sandbox)


def _schemas(environment: Environment, database: Database) -> dict[str, pulumi.Resource]:
    """The schemas, by their names as grants have them."""
    return {_quoted(environment, key): made for key, made in database.schemas.items()}


def _people(
    environment: Environment, providers: Providers, password: str | None, roles: Roles
) -> None:
    """Everybody who logs in by name, where the facts have any."""
    if environment.people:
        hidden = pulumi.Output.secret(password) if password else None
        People("people", environment, providers, hidden, roles.by_name)


def _quoted(environment: Environment, *path: str) -> str:
    """The name of a schema, or of what lies in one, as grants have it."""
    return quoted(environment.naming.account(environment.database.name), *path)


def _repositories(settings: Settings, hidden: Secrets) -> None:
    """What the environment has on GitHub."""
    if settings.environment.repositories:
        target, token = organization(settings, hidden)
        Repositories("repositories", settings.environment, target, token, secret_values(settings))


def _watch(
    settings: Settings,
    providers: Providers,
    feeds: Sequence[FeedFacts],
    watched: Sequence[pulumi.Resource],
    schema: pulumi.Resource,
) -> None:
    """Notifications, budgets and alerts, over what stands by then; in the operations schema."""
    environment = settings.environment
    told = Notifications("notifications", environment, providers, _webhooks(settings), watched)
    needs = [*watched, *told.ready]
    Budgets("budgets", environment, providers, needs, schema)
    Alerts(
        "alerts",
        environment,
        settings.stack.environment,
        providers,
        tables={facts.name: facts.table for facts in feeds},
        imported=[environment.naming.account(name) for name in environment.marketplace],
        needs=needs,
    )


def _feeds(environment: Environment) -> list[FeedFacts]:
    """The feeds that load here; their tags are held against the environment's."""
    feeds: list[FeedFacts] = [feed for feed in load_feeds() if feed.name in environment.feeds]
    if wrong := tagging.problems(environment, feeds):
        raise SettingsError(wrong)
    return feeds


def _webhooks(settings: Settings) -> dict[str, pulumi.Output[str]]:
    """What the webhooks hide; on the sandbox, which calls nobody, a word where nothing is set."""
    channels = {told.channel for told in settings.environment.notifications.values()}
    keys = {form.config for channel, form in WEBHOOKS.items() if channel in channels}
    given = {key: pulumi.Config(PROJECT).get_secret(key) for key in sorted(keys)}
    if settings.config.target is Target.SANDBOX:
        return {
            key: pulumi.Output.secret(f"sandbox-{key}") if value is None else value
            for key, value in given.items()
        }
    if missing := [key for key, value in given.items() if value is None]:
        how = f"pulumi config set --secret {PROJECT}:"
        raise SettingsError(
            [f"{PROJECT}:{key}: got nothing, allowed: a secret ({how}{key})" for key in missing]
        )
    return {key: value for key, value in given.items() if value is not None}
