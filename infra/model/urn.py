"""What a resource's URN says to people.

https://www.pulumi.com/docs/iac/concepts/resources/names/#urns
"""


def name_of(urn: str) -> str:
    """The resource's own name: what follows the last `::` of a URN."""
    return urn.rpartition("::")[2]


def kind_of(token: str) -> str:
    """A type token's last part: `Warehouse` of `snowflake:index/warehouse:Warehouse`."""
    return token.rpartition(":")[2]


def named(urn: str) -> str:
    """`Warehouse BI_WH` of a resource's URN."""
    kinds = urn.split("::")[2]
    return f"{kind_of(kinds)} {name_of(urn)}"
