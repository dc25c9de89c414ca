"""What drills are lent by the command line: logins, deployments, dbt, git, keys."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cli import keypairs, rotation
from cli.drill_state import StateFiles
from cli.errors import LeapError, NotUsableError
from cli.paths import ROOT
from cli.target import connected, login
from ops.drill.step import DrillFailedError
from ops.drill.tools import Tools
from ops.restore.account import RefusedError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from cli.workbench import Workbench
    from infra.settings import Settings

TAIL: Final = 15
SUMMARY: Final = re.compile(r"PASS=.*")


def arguments(target: str, account: str) -> dict[str, Any]:
    """Connector arguments for an administrator of the target, or of another account beside it."""
    given = login(target)
    return {**given, "account": account} if account else given


def tools(settings: Settings) -> Tools:
    """Everything, of one stack; nothing is opened before it is used."""
    engine = Deployments(settings)
    target = str(settings.config.target)
    return Tools(
        keys=KeyFiles(settings),
        engine=engine,
        builds=Checkouts(engine),
        poll=Polls(target),
        buckets=SecondBuckets(settings),
        states=StateFiles(engine),
    )


@dataclass(frozen=True, slots=True)
class Polls:
    """Reads as BI makes them: a login each time, so that it goes where the connection leads."""

    target: str

    def __call__(
        self, account: str, role: str, warehouse: str, statement: str
    ) -> Sequence[dict[str, Any]]:
        """Log in, ask, log out."""
        from cli.target import ask

        try:
            given = {**arguments(self.target, account), "role": role, "warehouse": warehouse}
            with connected(given) as connection:
                ask(connection, "USE SECONDARY ROLES NONE")
                return ask(connection, statement).dicts()
        except NotUsableError as error:  # what to start is said with the ways on
            raise RefusedError(str(error).splitlines()[0]) from error
        except LeapError as error:
            raise RefusedError(str(error)) from error


@dataclass(frozen=True, slots=True)
class SecondBuckets:
    """S3 in the second region, with whatever credentials boto3 finds; any do on the sandbox."""

    settings: Settings

    def _client(self) -> S3Client:
        from cli.target import running_sandbox
        from infra.settings import destination
        from ingestion import landing

        second = destination(self.settings).second
        if second is None:
            raise DrillFailedError("there is no second region")
        if second.aws.endpoint_url is None:
            return landing.connect(region=second.aws.region)
        aws = running_sandbox().aws
        return landing.connect(
            region=second.aws.region,
            endpoint_url=aws.endpoint_url,
            access_key_id=aws.access_key_id,
            secret_access_key=aws.secret_access_key,
        )

    def events(self, bucket: str) -> dict[str, Any]:
        """The bucket's notifications."""
        with _refusals(bucket):
            found = self._client().get_bucket_notification_configuration(Bucket=bucket)
        return {name: value for name, value in found.items() if name.endswith("Configurations")}

    def set_events(self, bucket: str, configuration: Mapping[str, Any]) -> None:
        """Replace them."""
        wanted: Any = dict(configuration)
        with _refusals(bucket):
            self._client().put_bucket_notification_configuration(
                Bucket=bucket, NotificationConfiguration=wanted
            )

    def put(self, bucket: str, key: str, body: bytes) -> None:
        """Put an object."""
        with _refusals(bucket):
            self._client().put_object(Bucket=bucket, Key=key, Body=body)

    def remove(self, bucket: str, key: str) -> None:
        """Delete an object."""
        with _refusals(bucket):
            self._client().delete_object(Bucket=bucket, Key=key)


@contextmanager
def _refusals(bucket: str) -> Iterator[None]:
    """AWS's own words, as a drill's failure."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise DrillFailedError(f"bucket {bucket}: {error}") from error


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """The key pairs of a stack's service users, by the code of `leap keys`."""

    settings: Settings

    def current(self, user: str) -> Path:
        """The private key that its programs use."""
        return keypairs.private_folder(self.settings) / f"{user}.p8"

    def waiting(self, user: str) -> Path:
        """The next one, while the two overlap."""
        return keypairs.private_folder(self.settings) / f"{user}.next.p8"

    def fingerprint(self, private: Path) -> str:
        """Of its public half."""
        return keypairs.fingerprint(private)

    def public(self, user: str) -> Sequence[str]:
        """The fingerprints of the declared public keys."""
        slots = rotation.slots(self.settings)
        return [s.fingerprint for s in slots if s.user == user and s.fingerprint is not None]

    def rotate(self, user: str) -> str:
        """One step of the exchange."""
        return rotation.rotate(self.settings, user).done

    def withdraw(self, user: str) -> None:
        """Forget a next key pair."""
        rotation.withdraw(self.settings, user)

    def enter(self, user: str, private: Path, statement: str) -> str | None:
        """Log in with a key and say one thing; the words of a refused login."""
        from cli.target import ask

        given = {**keypairs.login(self.settings, user, private), "warehouse": None}
        try:
            with connected(given) as connection:
                ask(connection, statement)
        except NotUsableError as error:
            return str(error).splitlines()[0]
        return None


@dataclass(slots=True)
class Deployments:
    """The engine on a stack."""

    settings: Settings
    _bench: list[Workbench] = field(default_factory=list)

    def bench(self) -> Workbench:
        """The workbench, opened once."""
        from cli.workbench import bench_of, toolchain

        if not self._bench:
            self._bench.append(bench_of(self.settings, toolchain()))
        return self._bench[0]

    def pending(self) -> str:
        """What a deployment would change."""
        from cli.deployment import engine_run, ready, stack
        from cli.deployment.events import UNCHANGED, in_words

        bench = self.bench()
        deployment = ready.make_ready(bench)
        if not stack.outputs_in(deployment):
            raise NotUsableError(
                f"{bench.stack} is not deployed.", f"Deploy it: leap up --stack {bench.stack}"
            )
        run = engine_run.run("preview", bench.stack, bench.variables)
        run.require_success()
        found = {op: n for op, n in run.tally.summary.items() if n and op not in UNCHANGED}
        return in_words(found) if found else ""

    def deploy(self) -> str:
        """Deploy, by the code of `leap up`."""
        from cli.deployment import bring_up

        return bring_up.deploy(self.bench(), lambda text: None)[1]

    def outputs(self) -> dict[str, Any]:
        """What the deployed stack says."""
        from cli.deployment import stack

        bench = self.bench()
        stack.select(bench.stack, bench.variables)
        return stack.outputs(bench.stack, bench.variables)


@dataclass(frozen=True, slots=True)
class Checkouts:
    """dbt in clones of this repository."""

    engine: Deployments

    def checkout(self, folder: Path) -> str:
        """Clone the last commit; the repository itself gets no branch, tag or worktree of it."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        _ran(
            [
                "git",
                "clone",
                "--quiet",
                "--no-hardlinks",
                "--depth",
                "1",
                f"file://{ROOT}",
                str(folder),
            ],
            ROOT,
        )
        return self.git(folder, "rev-parse", "HEAD").strip()

    def git(self, folder: Path, *arguments: str) -> str:
        """What git prints, run there."""
        return _ran(["git", *arguments], folder)

    def dbt(self, folder: Path, *arguments: str) -> str:
        """Run dbt there, with logs and target beside the clone."""
        from cli import transforming

        bench = self.engine.bench()
        beside = folder.parent / "dbt"
        variables = {
            **os.environ,
            **transforming.variables(bench, self.engine.outputs()),
            "DBT_TARGET_PATH": str(beside / "target"),
            "DBT_LOG_PATH": str(beside / "logs"),
        }
        project = folder / "dbt"
        said = _ran(
            transforming.command([*arguments, "--no-use-colors"], project), project, variables
        )
        found = SUMMARY.findall(said)
        return found[-1].strip() if found else "done"


def _ran(line: Sequence[str], folder: Path, variables: dict[str, str] | None = None) -> str:
    """What a command printed.

    Raises:
        DrillFailedError: it failed, with the end of what it said.
    """
    clean = {k: v for k, v in (variables or os.environ).items() if not k.startswith("GIT_")}
    done = subprocess.run(
        line,
        cwd=folder,
        env=clean,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-TAIL:]
        raise DrillFailedError(f"`{' '.join(line[:3])} …` failed: " + "\n".join(said))
    return done.stdout
