"""UPDATE, DELETE and MERGE of a protected table: the statement sees what its reader would see.

A row that the policy hides is neither changed nor matched, and conditions and values read masked
columns masked. UPDATE and DELETE therefore pick their rows by a SELECT over the protected table.
https://docs.snowflake.com/en/user-guide/security-row-intro
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from sandbox.snowflake.data.model import ObjectName, Protection
from sandbox.snowflake.data.protect.policy import applied, masked
from sandbox.snowflake.data.protect.reader import ROW, SOURCE, Guarded, unqualified
from sandbox.snowflake.data.statements.base import Execution

_PICKED: Final = "leap_picked"


def target_of(tree: exp.Expr) -> exp.Table | None:
    """The table that a DML statement changes."""
    if not isinstance(tree, exp.Insert | exp.Update | exp.Delete | exp.Merge):
        return None
    table = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    return table if isinstance(table, exp.Table) else None


def protect_change(tree: exp.Expr, name: ObjectName, guarded: Guarded, run: Execution) -> None:
    """Changes the statement in place, where its target is protected."""
    protection = guarded.of(name)
    if protection is None or name in run.session.temporary:
        return
    if isinstance(tree, exp.Delete):
        _delete(tree, name, protection, guarded)
    elif isinstance(tree, exp.Update):
        _update(tree, name, protection, guarded)
    elif isinstance(tree, exp.Merge):
        _merge(tree, protection, run)


def _picked(
    tree: exp.Update | exp.Delete, name: ObjectName, protection: Protection, guarded: Guarded
) -> exp.Select:
    """FROM the target as it is seen, with its row numbers, and WHERE as the statement says."""
    target = tree.this
    source = exp.Table(
        **{key: target.args[key].copy() for key in ("this", "db", "catalog") if target.args[key]}
    )
    source.set("alias", exp.TableAlias(this=exp.to_identifier(SOURCE, quoted=True)))
    seen = guarded.select(source, name, protection, None)
    seen = seen.select(exp.alias_(_row(SOURCE), ROW, quoted=True))
    short = target.alias or name.name
    select = exp.Select().from_(
        exp.Subquery(this=seen, alias=exp.TableAlias(this=exp.to_identifier(short, quoted=True)))
    )
    others = tree.args.get("using") or []
    if tree.args.get("from_") is not None:
        others = [tree.args["from_"].this]
    for other in others:
        select = select.join(other, join_type="cross")
    where = tree.args.get("where")
    if where is not None:
        select = select.where(where.this)
    unqualified(select, [short])
    return select


def _row(table: str) -> exp.Column:
    return exp.Column(this=exp.to_identifier("rowid"), table=exp.to_identifier(table, quoted=True))


def _delete(tree: exp.Delete, name: ObjectName, protection: Protection, guarded: Guarded) -> None:
    select = _picked(tree, name, protection, guarded)
    short = tree.this.alias or name.name
    rows = select.select(exp.column(ROW, table=short, quoted=True))
    tree.set("using", None)
    row = exp.Column(this=exp.to_identifier("rowid"))
    tree.set("where", exp.Where(this=exp.In(this=row, query=exp.Subquery(this=rows))))


def _update(tree: exp.Update, name: ObjectName, protection: Protection, guarded: Guarded) -> None:
    short = tree.this.alias or name.name
    select = _picked(tree, name, protection, guarded)
    select = select.select(exp.column(ROW, table=short, quoted=True))
    for position, assignment in enumerate(tree.expressions):
        value = f"leap_value_{position}"
        select = select.select(exp.alias_(assignment.expression, value, quoted=True))
        assignment.set("expression", exp.column(value, table=_PICKED, quoted=True))
    alias = exp.TableAlias(this=exp.to_identifier(_PICKED, quoted=True))
    tree.set("from_", exp.From(this=exp.Subquery(this=select, alias=alias)))
    picked = exp.column(ROW, table=_PICKED, quoted=True)
    tree.set("where", exp.Where(this=exp.EQ(this=_row(short), expression=picked)))


def _merge(tree: exp.Merge, protection: Protection, run: Execution) -> None:
    """Names of the target, in conditions and values, become what its reader would see."""
    short = tree.this.alias_or_name
    places = [(tree, "on")]
    for when in tree.args["whens"].expressions:
        then = when.args["then"]
        places.append((when, "condition"))
        if isinstance(then, exp.Update):
            places += [(assignment, "expression") for assignment in then.expressions]
    for node, key in places:
        value = node.args.get(key)
        if value is not None:
            node.set(key, _seen(exp.paren(value, copy=False), short, protection, run))
    if protection.rows is not None:
        visible = applied(protection.rows, short, run, None)
        tree.set("on", exp.and_(tree.args["on"], visible, copy=False))


def _seen(value: exp.Expr, short: str, protection: Protection, run: Execution) -> exp.Expr:
    for column in list(value.find_all(exp.Column)):
        policy = protection.masks.get(column.name)
        if policy is not None and column.table == short:
            column.replace(masked(policy, short, run, None))
    return value
