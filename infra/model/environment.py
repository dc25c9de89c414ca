"""An environment: all facts of one deployment, after its layers were merged.

Each value's own form is checked here, by type. What spans values (references, duplicates) is
checked in `infra.model.references`, so that both kinds of problem are reported together.
"""

from collections.abc import Mapping

from infra.model.access import Access, Person, Role
from infra.model.account import AccountParameters
from infra.model.alert import Alert, Prices
from infra.model.base import Fact
from infra.model.budget import Budget
from infra.model.database import Database
from infra.model.exemption import Exemption
from infra.model.governance import Governance
from infra.model.identifiers import FeedName, Identifier, PeopleFile, Prefix
from infra.model.limits import Limits
from infra.model.logins import AuthenticationPolicy, Network, PasswordPolicy, ServiceUser
from infra.model.monitor import Monitor
from infra.model.naming import Naming
from infra.model.notification import Notification
from infra.model.operations import Operations
from infra.model.pipelines import Landing
from infra.model.replication import Replication
from infra.model.repository import Repository, RepositoryName
from infra.model.sources import InternalStage, SharedDatabase
from infra.model.warehouse import Warehouse
from infra.model.workspace import Workspace, Workspaces


class Environment(Fact):
    """The facts of one environment. Names are without its prefix."""

    prefix: Prefix
    """What stands before every account-level name."""
    protect: bool
    """Whether what holds data is protected from deletion."""
    limits: Limits
    exceptions: Mapping[Identifier, Exemption] = {}
    """What a rule does not hold for, until when, and who answers for it."""
    database: Database
    governance: Governance
    warehouses: Mapping[Identifier, Warehouse]
    monitors: Mapping[Identifier, Monitor]
    roles: Mapping[Identifier, Role]
    access: Mapping[Identifier, Access]
    people: Mapping[Identifier, Person] = {}
    people_files: tuple[PeopleFile, ...] = ()
    """Exports of an HR system, below ``environments``; their people are added to ``people``."""
    service_users: Mapping[Identifier, ServiceUser] = {}
    network: Network = Network()
    authentication_policies: Mapping[Identifier, AuthenticationPolicy] = {}
    password_policies: Mapping[Identifier, PasswordPolicy] = {}
    landing: Landing
    marketplace: Mapping[Identifier, SharedDatabase] = {}
    stages: Mapping[Identifier, InternalStage] = {}
    operations: Operations
    prices: Prices
    notifications: Mapping[Identifier, Notification] = {}
    alerts: Mapping[Identifier, Alert] = {}
    budgets: Mapping[Identifier, Budget] = {}
    account_parameters: AccountParameters = AccountParameters()
    account_monitor: Identifier | None = None
    """The monitor that holds the whole account; one stack only can have it."""
    feeds: tuple[FeedName, ...]
    """Feeds that load here, each described in ``ingestion/feeds``."""
    replication: Replication | None = None
    """The second account; None where there is none, or nobody asked for it."""
    repositories: Mapping[RepositoryName, Repository] = {}
    """On GitHub; one stack only can have each."""
    workspaces: Workspaces
    workspace: Workspace | None = None
    """Set for a workspace: it builds on the rest instead of creating it."""

    @property
    def naming(self) -> Naming:
        """The names of this environment's objects."""
        return Naming(prefix=self.prefix)
