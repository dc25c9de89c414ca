"""Order: names by which everybody finds a thing, tags by which it has an owner and a payer."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from infra.model.identifiers import parts
from infra.model.rules.item import Item, Kind, known, of_kind
from infra.model.rules.rule import Ground, Rule, Severity, Topic, Violation

PLAIN: Final = re.compile(r"[A-Z_][A-Z0-9_$]*")
NAMED: Final = (
    *(Kind.DATABASE, Kind.INTEGRATION, Kind.MONITOR, Kind.NETWORK_POLICY, Kind.ROLE),
    *(Kind.SCHEMA, Kind.STAGE, Kind.TABLE, Kind.USER, Kind.WAREHOUSE),
)
PREFIXED: Final = (Kind.DATABASE, Kind.MONITOR, Kind.ROLE, Kind.USER, Kind.WAREHOUSE)
TAGS: Final = {Kind.WAREHOUSE: "COST_CENTRE", Kind.DATABASE: "OWNER"}
TAGGED_AS: Final = {"WAREHOUSE": Kind.WAREHOUSE, "DATABASE": Kind.DATABASE}


def is_quoted(item: Item, _ground: Ground) -> Iterator[str]:
    """A name that has to be written in double quotes."""
    name = item.get("name")
    if isinstance(name, str) and not PLAIN.fullmatch(name.strip('"')):
        yield f"the name {name!r} has to be quoted wherever it is used."


def lacks_the_prefix(item: Item, ground: Ground) -> Iterator[str]:
    """An object of the account that another environment would take for its own."""
    prefix, name = ground.environment.prefix, item.get("name")
    if prefix and isinstance(name, str) and not name.strip('"').startswith(prefix):
        yield f"its name does not begin with this environment's prefix {prefix}."


def is_nobodys(items: Sequence[Item], _ground: Ground) -> Iterator[Violation]:
    """A warehouse that nobody pays for, or a database that nobody owns."""
    tagged = set()
    taggings = list(of_kind(items, Kind.TAGGING))
    for item in taggings:
        tag, names = item.get("tag_id"), item.get("object_identifiers", ())
        if not known(tag, names):
            return
        kind = TAGGED_AS.get(str(item.get("object_type")))
        tagged |= {(kind, parts(str(tag))[-1], parts(str(name))[-1]) for name in names}
    for item in of_kind(items, *TAGS) if taggings else ():
        if (item.kind, TAGS[item.kind], item.name) not in tagged:
            yield Violation(item, f"it has no tag {TAGS[item.kind]}.")


RULES: Final = (
    Rule(
        id="names-need-no-quotes",
        title="Names are upper case, without blanks",
        why="A name that must be quoted is not found by whoever forgets it.",
        remedy="Rename it.",
        source="https://docs.snowflake.com/en/sql-reference/identifiers-syntax",
        topic=Topic.ORDER,
        severity=Severity.LOW,
        kinds=NAMED,
        each=is_quoted,
    ),
    Rule(
        id="names-have-the-prefix",
        title="Account-level names begin with the environment's prefix",
        why="Environments that share an account overwrite each other's objects.",
        remedy="Name it by infra/model/naming.py.",
        source="https://docs.snowflake.com/en/sql-reference/identifiers",
        topic=Topic.ORDER,
        severity=Severity.MEDIUM,
        kinds=PREFIXED,
        each=lacks_the_prefix,
    ),
    Rule(
        id="costs-have-an-owner",
        title="Warehouses have a COST_CENTRE, databases an OWNER",
        why="What nobody pays for grows, and what nobody owns stays.",
        remedy="Add the tag under tags in environments/.",
        source="https://docs.snowflake.com/en/user-guide/cost-attributing",
        topic=Topic.ORDER,
        severity=Severity.LOW,
        # A workspace's schema inherits its database's tags.
        elsewhere={"personal": None, "ci": None},
        whole=is_nobodys,
    ),
)
