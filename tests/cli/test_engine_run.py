"""A run of the engine: its events are followed, its failure is told in full, its end is gentle."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.deployment import engine_run, lock, unsaved
from cli.errors import FoundError

Install = Callable[[str], dict[str, str]]

WRITE_EVENTS = """
urn = 'urn:pulumi:local::leap::snowflake:index/warehouse:Warehouse::BI_WH'
step = {'metadata': {'op': 'create', 'urn': urn, 'type': 'snowflake:index/warehouse:Warehouse'}}
with open(events, 'w') as log:
    for event in ({'resourcePreEvent': step}, {'resOutputsEvent': step}):
        log.write(json.dumps(event) + '\\n')
        log.flush()
        time.sleep(0.2)
    log.write(json.dumps({'summaryEvent': {'resourceChanges': {'create': 1}}}) + '\\n')
"""


@pytest.fixture(autouse=True)
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the logs of these runs out of the clone."""
    for module in (engine_run, unsaved):
        monkeypatch.setattr(module, "LOGS", tmp_path / "logs")
    monkeypatch.setattr(engine_run, "ROOT", tmp_path)
    monkeypatch.setattr(lock, "FOLDER", tmp_path / "locks")
    return tmp_path / "logs"


def test_progress_comes_while_the_engine_works(fake_pulumi: Install) -> None:
    seen: list[str] = []
    run = engine_run.run("up", "local", fake_pulumi(WRITE_EVENTS), progress=seen.append)
    assert run.exit_code == 0
    assert run.tally.changed == {"create": 1}
    assert seen[0] == "starting, create Warehouse BI_WH"
    assert "1 created, create Warehouse BI_WH" in seen


def test_previews_and_updates_are_judged_by_the_policies_and_destroys_are_not(
    fake_pulumi: Install, tmp_path: Path
) -> None:
    variables = fake_pulumi("")
    for command in ("preview", "up", "destroy"):
        engine_run.run(command, "local", variables)
    calls = (tmp_path / "calls").read_text().splitlines()
    assert [("--policy-pack" in call) for call in calls] == [True, True, False]
    assert all("--stack local --non-interactive" in call for call in calls)


def test_a_failed_run_tells_every_error_and_where_the_log_is(fake_pulumi: Install) -> None:
    code = """
with open(events, 'w') as log:
    for text in ('first', 'second'):
        log.write(json.dumps({'diagnosticEvent': {'severity': 'error', 'message': text}}) + '\\n')
sys.exit(255)
"""
    run = engine_run.run("up", "local", fake_pulumi(code))
    with pytest.raises(FoundError) as failure:
        run.require_success()
    assert "first\nsecond" in str(failure.value)
    assert "logs/local-up.log" in str(failure.value)


def test_a_failed_change_tells_what_is_done_what_failed_and_what_is_left(
    fake_pulumi: Install,
) -> None:
    code = """
def step(name):
    urn = f'urn:pulumi:local::leap::snowflake:index/warehouse:Warehouse::{name}'
    return {'metadata': {'op': 'create', 'urn': urn, 'type': 'snowflake:index/warehouse:Warehouse'}}
with open(events, 'w') as log:
    log.write(json.dumps({'resOutputsEvent': step('A')}) + '\\n')
    log.write(json.dumps({'resOpFailedEvent': step('B')}) + '\\n')
sys.exit(255)
"""
    run = engine_run.run("up", "local", fake_pulumi(code))
    with pytest.raises(FoundError) as failure:
        run.require_success(["Warehouse A", "Warehouse B", "Grant C", "Grant D"])
    assert (
        "done: 1 created; failed: Warehouse B; not begun: Grant C, Grant D.\n"
        "Put the cause right and run the same command again"
    ) in str(failure.value)
    with pytest.raises(FoundError, match="what needs them was not begun"):
        run.require_success()


@pytest.mark.parametrize("under_way", [False, True])
def test_an_engine_that_hangs_after_a_failure_is_ended_and_one_that_works_is_not(
    fake_pulumi: Install, monkeypatch: pytest.MonkeyPatch, under_way: bool
) -> None:
    monkeypatch.setattr(engine_run, "STILL_SECONDS", 0.2)
    code = f"""
def step(name):
    urn = f'urn:pulumi:local::leap::snowflake:index/warehouse:Warehouse::{{name}}'
    return {{'metadata': {{'op': 'create', 'urn': urn, 'type': 'snowflake:index/warehouse:W'}}}}
with open(events, 'w') as log:
    for told in ('resourcePreEvent A', 'resourcePreEvent B', 'resOpFailedEvent B'):
        key, name = told.split()
        log.write(json.dumps({{key: step(name)}}) + '\\n')
    if not {under_way}:
        log.write(json.dumps({{'resOutputsEvent': step('A')}}) + '\\n')
time.sleep(1.5 if {under_way} else 60)
sys.exit(7)
"""
    run = engine_run.run("up", "local", fake_pulumi(code))
    assert (run.exit_code == 7) is under_way
    assert (engine_run.HUNG in run.tally.errors) is not under_way
    with pytest.raises(FoundError, match="failed: W"):
        run.require_success()


def test_an_engine_that_fails_without_an_event_is_quoted(fake_pulumi: Install) -> None:
    run = engine_run.run("up", "local", fake_pulumi("print('no backend'); sys.exit(255)"))
    with pytest.raises(FoundError, match="no backend"):
        run.require_success()


@pytest.fixture
def heard() -> Iterator[None]:
    """Ctrl-C raises here as it does in a shell: a worker of pytest-xdist ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_stop_reaches_the_engine_once_and_waits_for_it(
    fake_pulumi: Install, tmp_path: Path, heard: None
) -> None:
    code = f"""
import signal
def end(*_):
    open({str(tmp_path / "ended")!r}, 'a').write('x')
    time.sleep(0.3)
    sys.exit(1)
signal.signal(signal.SIGINT, end)
open({str(tmp_path / "ready")!r}, 'w').close()
time.sleep(60)
"""

    def interrupt() -> None:
        while not (tmp_path / "ready").exists():
            pass
        signal.raise_signal(signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        engine_run.run("up", "local", fake_pulumi(code))
    assert (tmp_path / "ended").read_text() == "x"


@pytest.mark.parametrize("save_once", [False, True])
@pytest.mark.parametrize(("code", "is_open"), [("", False), ("sys.exit(1)", True)])
def test_a_change_is_noted_until_it_ended_well(
    fake_pulumi: Install, code: str, is_open: bool, save_once: bool
) -> None:
    run = engine_run.run("up", "local", fake_pulumi(code), save_once=save_once)
    assert run.exit_code == is_open
    assert unsaved.is_open("local") is is_open


@pytest.mark.parametrize("command", ["preview", "refresh"])
def test_what_changes_nothing_is_not_noted(fake_pulumi: Install, command: str) -> None:
    engine_run.run(command, "local", fake_pulumi("sys.exit(1)"))
    assert not unsaved.is_open("local")


def test_a_run_that_saves_once_is_told_so(fake_pulumi: Install) -> None:
    said = "print(os.environ['PULUMI_SKIP_CHECKPOINTS'])\n"
    run = engine_run.run("up", "local", fake_pulumi(said), save_once=True)
    assert run.log.read_text() == "true\n"
