"""The house rules that a reader cannot see and a reviewer forgets: names, directions, sizes.

Each rule is a function from the tree to its offenders; a test shows them all at once.
"""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parent.parent
OURS: Final = ("cli", "engine", "infra", "ingestion", "ops", "policies", "sandbox", "benchmarks")

# folder -> what of ours it may import; the longest matching folder decides.
MAY_IMPORT: Final[dict[str, tuple[str, ...]]] = {
    "infra/model": (),
    "infra/dynamic": ("infra.model",),
    "infra/components": ("infra.model", "infra.dynamic"),
    "infra": ("infra", "ingestion"),
    "ingestion": ("infra.model",),
    "ops": ("infra.model", "ingestion"),
    "policies": ("infra.model", "infra.stack"),
    "sandbox": (),
    "engine": (),
    "cli": (
        *("infra.keys", "infra.settings", "infra.stack", "infra.model", "infra.outputs"),
        *("engine", "ingestion", "ops", "sandbox"),
    ),
    "benchmarks": OURS,
}
FORBIDDEN_NAMES: Final = frozenset(
    {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
)
PACKAGES_IN_USE: Final = frozenset(
    {"boto3", "botocore", "click", "cryptography", "dbt", "duckdb", "fakesnow", "github", "moto"}
    | {"platformdirs", "pulumi", "pulumi_github", "pulumi_policy", "pulumi_snowflake", "pydantic"}
    | {"rich", "snowflake", "sqlglot", "starlette", "uvicorn", "yaml", "zipcodes"}
)
# Joined at run time, so that this file does not hold what it forbids.
BANNED: Final = tuple(
    "".join(parts)
    for parts in (
        ("/wo", "rk/"),
        ("/opt/", "wheels"),
        ("/root", "/"),
        ("far", "m-"),
        ("artifact", "ory"),
        ("nexus", "."),
    )
)
FILE_LIMIT: Final = 350
FUNCTION_LIMIT: Final = 50
EXCUSES_LIMIT: Final = 10


def tracked(*patterns: str) -> list[Path]:
    """Files that git knows or would add, by pattern."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]


@dataclass(frozen=True)
class Module:
    """A Python file of the tree, parsed once."""

    path: Path
    source: str
    tree: ast.Module

    @property
    def place(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def lines(self) -> int:
        return len(self.source.splitlines())

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node

    def imports(self) -> Iterator[str]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.fixture(scope="module")
def modules() -> list[Module]:
    """Every Python file of the tree."""
    found = []
    for path in tracked("*.py"):
        source = path.read_text(encoding="utf-8")
        found.append(Module(path, source, ast.parse(source)))
    return found


def house(modules: list[Module]) -> list[Module]:
    """The modules that ship: all but the tests."""
    return [module for module in modules if not module.place.startswith("tests/")]


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end of the body."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def allowed_imports(place: str) -> tuple[str, ...] | None:
    """What the module's folder may import of ours; None where no rule holds (tests)."""
    folders = [folder for folder in MAY_IMPORT if place.startswith(f"{folder}/")]
    return MAY_IMPORT[max(folders, key=len)] if folders else None


def of_package(name: str, package: str) -> bool:
    """Whether a dotted name is a package or lies in it."""
    return name == package or name.startswith(f"{package}.")


def test_imports_follow_the_directions_of_the_design(modules: list[Module]) -> None:
    offenders = []
    for module in modules:
        allowed = allowed_imports(module.place)
        if allowed is None:
            continue
        own = module.place.split("/")[:-1]
        home = ".".join(own[:2] if own[0] == "infra" and len(own) > 1 else own[:1])
        offenders += [
            f"{module.place} imports {name}"
            for name in module.imports()
            if name.split(".")[0] in OURS
            and not any(of_package(name, package) for package in (*allowed, home))
        ]
    assert offenders == []


def test_the_model_does_no_input_or_output(modules: list[Module]) -> None:
    banned = ("pulumi", "boto3", "snowflake", "subprocess", "requests", "socket")
    offenders = [
        f"{module.place} imports {name}"
        for module in modules
        if module.place.startswith("infra/model/")
        for name in module.imports()
        if name.split(".")[0] in banned or of_package(name, "pulumi_snowflake")
    ]
    assert offenders == []


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    offenders = [
        path.relative_to(ROOT).as_posix()
        for path in tracked()
        if FORBIDDEN_NAMES & {part.split(".")[0] for part in path.relative_to(ROOT).parts}
    ]
    assert offenders == []


def test_nothing_on_the_engines_path_shadows_a_module_that_others_import() -> None:
    taken = (
        PACKAGES_IN_USE | sys.stdlib_module_names | set(OURS) | {"tests", "docs", "environments"}
    )
    offenders = []
    for folder in ("infra", "policies"):
        for path in tracked(f"{folder}/*"):
            first = path.relative_to(ROOT / folder).parts[0]
            if (name := first.removesuffix(".py")) in taken and (name != first or "." not in first):
                offenders.append(path.relative_to(ROOT).as_posix())
    assert offenders == []


def test_the_dbt_project_holds_no_python() -> None:
    assert [path.name for path in tracked("dbt/*.py", "dbt/**/*.py")] == []


def test_every_module_says_why_it_exists(modules: list[Module]) -> None:
    silent = [module.place for module in modules if not ast.get_docstring(module.tree)]
    long = [
        module.place
        for module in modules
        if len((ast.get_docstring(module.tree) or "").splitlines()) > 12
    ]
    assert (silent, long) == ([], [])


def test_no_file_and_no_function_is_long(modules: list[Module]) -> None:
    files = [f"{m.place}: {m.lines} lines" for m in modules if m.lines > FILE_LIMIT]
    functions = [
        f"{m.place}:{f.lineno} {f.name}: {length(f)} lines"
        for m in modules
        for f in m.functions()
        if length(f) > FUNCTION_LIMIT
    ]
    assert (files, functions) == ([], [])


def test_the_sizes_stay_those_of_a_house_one_wants_to_live_in(modules: list[Module]) -> None:
    written = [m for m in house(modules) if m.path.name != "__init__.py"]
    files = [m.lines for m in written]
    functions = [length(f) for m in written for f in m.functions()]
    assert statistics.median(files) < 110
    assert statistics.quantiles(files, n=10)[-1] < 250
    assert statistics.median(functions) < 10
    assert statistics.quantiles(functions, n=10)[-1] < 28


def test_excuses_to_the_linter_and_the_type_checker_are_few_and_reasoned(
    modules: list[Module],
) -> None:
    pattern = re.compile(r"#\s*(?:noqa|type:\s*ignore)(?P<rest>.*)")
    excuses = [
        (f"{module.place}:{number}", match["rest"])
        for module in modules
        for number, line in enumerate(module.source.splitlines(), 1)
        if (match := pattern.search(line)) and '"' not in line[match.start() :]
    ]
    reason = re.compile(r"^(:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*|\[[\w-]+\])\W+\w+")
    bare = [place for place, rest in excuses if not reason.match(rest)]
    assert bare == []
    assert len(excuses) <= EXCUSES_LIMIT, excuses


def test_nothing_of_the_machine_it_was_written_on_is_in_the_tree() -> None:
    offenders = []
    for path in tracked():
        text = path.read_text(encoding="utf-8", errors="ignore").lower()
        offenders += [f"{path.relative_to(ROOT)}: {word}" for word in BANNED if word in text]
    assert offenders == []


def test_imports_are_absolute(modules: list[Module]) -> None:
    offenders = [
        f"{module.place}:{node.lineno}"
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert offenders == []
