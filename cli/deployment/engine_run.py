"""One run of the engine: start it, follow its events, stop it gently, and say what came of it.

The engine gets a process group of its own: a Ctrl-C reaches it once, through us, so that it ends
the operations it has begun and lets go of its lock.
"""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from cli.deployment import lock, turns, unsaved
from cli.deployment.events import UNCHANGED, Tally, in_words
from cli.errors import FoundError, NotUsableError
from cli.paths import LOGS, POLICIES, ROOT

PATIENCE_SECONDS: Final = 60.0
READ_EVERY_SECONDS: Final = 0.1
STILL_SECONDS: Final = 120.0
HUNG: Final = (
    "After that the engine waited for nothing and was ended "
    "(https://github.com/pulumi/pulumi/issues/16373)."
)
CHANGING: Final = frozenset({"up", "destroy", "refresh"})
GOING_ON: Final = frozenset({"up", "destroy"})
"""What does not need the one that failed is done all the same."""
LOCKED: Final = ("the stack is currently locked by", "Another update is currently in progress")
SHOWN: Final = 20
NOT_BEGUN: Final = "what needs them was not begun."
JUDGED: Final = frozenset({"preview", "up"})


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run. `log` holds everything that the engine printed, `events` its event log."""

    command: str
    stack: str
    exit_code: int
    tally: Tally
    log: Path
    events: Path = Path()

    def require_success(self, planned: Iterable[str] = ()) -> None:
        """Do nothing after a good run; `planned` are the resources that it was to change.

        Raises:
            FoundError: the run failed; the text holds every error and denied policy in full.
            NotUsableError: another run began in between and holds the stack.
        """
        if self.exit_code == 0:
            return
        said = self.log.read_text(encoding="utf-8", errors="replace")
        if any(words in said for words in LOCKED):
            raise NotUsableError(
                f"Another update of {self.stack} began first; nothing was done.\n{said.strip()}",
                f"Wait for it, or if it is gone: pulumi cancel {self.stack} --yes",
            )
        parts = [f"pulumi {self.command} of {self.stack} did not succeed."]
        parts += [
            f"denied by policy {d.policy}: {d.resource}: {d.message}"
            for d in self.tally.denials
            if d.mandatory
        ]
        parts += self.tally.errors or ([] if len(parts) > 1 else self._tail())
        parts += self._what_stands(planned)
        raise FoundError("\n".join(parts), f"The whole log: {self.log.relative_to(ROOT)}")

    def _what_stands(self, planned: Iterable[str]) -> list[str]:
        """What a failed change did and did not do, and how to go on."""
        tally = self.tally
        if not tally.failed:
            return []
        done = {op: n for op, n in tally.done.items() if op not in UNCHANGED and op != "failed"}
        left = [name for name in planned if name not in tally.finished.union(tally.failed)]
        more = f" and {len(left) - SHOWN} more" if len(left) > SHOWN else ""
        return [
            f"done: {in_words(done) or 'nothing'}; failed: {', '.join(tally.failed)}; "
            + (f"not begun: {', '.join(left[:SHOWN])}{more}." if left else NOT_BEGUN),
            "Put the cause right and run the same command again: it goes on from here.",
        ]

    def _tail(self) -> list[str]:
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:]


def run(
    command: str,
    stack: str,
    variables: Mapping[str, str],
    *,
    options: Sequence[str] = (),
    save_once: bool = False,
    judged: bool = True,
    progress: Callable[[str], None] = lambda _: None,
) -> Run:
    """Run `pulumi <command>` on a stack and wait for its end.

    `variables` is the whole environment of the engine; `save_once` leaves the saving of the state
    to the end (see `cli.deployment.unsaved`); `judged`: by the policies, where it runs the program;
    `progress` gets one line whenever something happened. A denied policy or a failed resource is in
    the result, not raised.
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{stack}-{command}.log"
    events = LOGS / f"{stack}-{command}.events.jsonl"
    events.unlink(missing_ok=True)
    if command in GOING_ON:
        unsaved.begin(stack, events)
    if save_once:
        variables = {**variables, unsaved.VARIABLE: "true"}
    tally = Tally()
    with turns.taken(progress), log.open("w", encoding="utf-8") as printed:
        process = subprocess.Popen(
            _line(command, stack, events, options, judged=judged),
            cwd=ROOT,
            env={**variables, "PULUMI_DEBUG_COMMANDS": "true"},
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        if command in CHANGING:
            lock.note_engine(stack, process.pid)
        try:
            _follow(process, events, tally, progress)
        except KeyboardInterrupt:
            progress("stopping: the engine ends what it has begun")
            _stop(process)
            raise
    if command in GOING_ON and process.returncode == 0:
        unsaved.end(stack)
    return Run(command, stack, process.returncode, tally, log, events)


def _line(
    command: str, stack: str, events: Path, options: Sequence[str], *, judged: bool
) -> list[str]:
    line = ["pulumi", command, "--stack", stack, "--non-interactive", "--color", "never"]
    line += ["--event-log", str(events), *options]
    if command in GOING_ON:
        line.append("--continue-on-error")
    if judged and command in JUDGED:
        line += ["--policy-pack", str(POLICIES)]
    return line


def _follow(
    process: subprocess.Popen[bytes], events: Path, tally: Tally, progress: Callable[[str], None]
) -> None:
    """Read events as they are written, until the engine has ended and all are read.

    One that goes on where it can after a failure may wait for ever for what failed: it is ended.
    """
    source: TextIO | None = None
    rest, heard = "", time.monotonic()
    try:
        while True:
            ended = process.poll() is not None
            if source is None and events.exists():
                source = events.open(encoding="utf-8")
            lines = (rest + source.read()).split("\n") if source else [""]
            rest = lines.pop()
            for line in filter(None, lines):
                tally.take(line)
            if lines:
                heard = time.monotonic()
                progress(tally.progress())
            if ended:
                return
            if tally.waits_for_nothing and time.monotonic() - heard > STILL_SECONDS:
                tally.errors.append(HUNG)
                _stop(process)
            time.sleep(READ_EVERY_SECONDS)
    finally:
        if source is not None:
            source.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask once, wait, then insist."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
