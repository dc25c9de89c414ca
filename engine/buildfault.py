"""Says in one sentence why a build failed, and the way on: a table of what Go prints.

Deliberately absent: any second try. A module that the registry refuses stays refused.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from engine import cache
from engine.errors import EngineError


@dataclass(frozen=True)
class _Fault:
    pattern: re.Pattern[str]
    message: Callable[[re.Match[str]], str]
    way_on: str


_MODULE = r"(?P<module>[\w./~-]+)@(?P<version>v[\w.+-]+)"

_REFUSED = (
    "a refusal by the registry is final, trying again will not help: ask whoever runs it to allow "
    "the module, or install an official Pulumi (https://www.pulumi.com/docs/install/), which needs "
    "no build"
)

_FAULTS = (
    _Fault(
        re.compile(r"no space left on device|Errno 28|disk quota exceeded", re.I),
        lambda _: f"the disk is full (the cache is {cache.root()})",
        "free some space (a first build takes 6 GB, mostly Go's own caches: see `go env GOCACHE "
        "GOMODCACHE`), or move the cache by XDG_CACHE_HOME, and run `leap engine install` again: "
        "what is finished is kept",
    ),
    _Fault(
        re.compile(rf"{_MODULE}:[^\n]*: (?P<status>(?:40[13]|404|410|451) [A-Z][^\n]*)"),
        lambda m: (
            f"the module {m['module']} at version {m['version']} was refused by the module "
            f"registry ({m['status']})"
        ),
        _REFUSED,
    ),
    _Fault(  # GOPROXY=…,direct: Go asks the source itself for what the registry does not serve
        re.compile(
            rf"(?:{_MODULE}: invalid version"
            r"|reading (?P<path>[\w./~-]+)/go\.mod at revision (?P<revision>v[\w.+-]+)): git "
        ),
        lambda m: (
            f"the module {m['module'] or m['path']} at version {m['version'] or m['revision']} is "
            "not served by the module registry, and its source cannot be read instead"
        ),
        _REFUSED,
    ),
    _Fault(
        re.compile(r"module lookup disabled by GOPROXY=off"),
        lambda _: "its modules are not on this machine, and GOPROXY=off forbids to fetch them",
        "set GOPROXY to a module registry that you may use, and run `leap engine install` again",
    ),
    _Fault(
        re.compile(rf"(?:verifying )?{_MODULE}[^\n]*(?:checksum mismatch|SECURITY ERROR)"),
        lambda m: (
            f"the module {m['module']} at version {m['version']} is not the one recorded in "
            "go.sum: it was changed on its way"
        ),
        "do not go on with it: ask whoever runs your module registry",
    ),
    _Fault(
        re.compile(
            r"(?P<reason>no such host|connection refused|i/o timeout|TLS handshake[^\n]*"
            r"|network is unreachable|connection reset[^\n]*|no route to host)"
        ),
        lambda m: f"the module registry cannot be reached ({m['reason']})",
        "check the network and GOPROXY, and run `leap engine install` again: it goes on where "
        "it stopped",
    ),
    _Fault(
        re.compile(r"signal: killed|cannot allocate memory"),
        lambda _: "the compiler was killed, most likely for want of memory (3 GB are needed)",
        "close something or add memory, and run `leap engine install` again: it goes on where "
        "it stopped",
    ),
    _Fault(
        re.compile(r"Permission denied|Read-only file system|permission denied"),
        lambda _: f"the cache {cache.root()} cannot be written",
        "make it writable, or choose another by XDG_CACHE_HOME",
    ),
)


def explain(program: str, output: str) -> EngineError:
    """The error for a failed build of `program`, from what was printed."""
    for fault in _FAULTS:
        match = fault.pattern.search(output)
        if match is not None:
            return EngineError(
                f"{program} could not be built: {fault.message(match)}", fault.way_on
            )
    last = "\n".join(output.strip().splitlines()[-8:]) or "the build said nothing"
    return EngineError(
        f"{program} could not be built:\n{last}",
        "run `leap engine install` again; if it stays, install an official Pulumi "
        "(https://www.pulumi.com/docs/install/) and report the lines above",
    )
