from sandbox.snowflake.errors import UnsupportedError


def stage_rows(stage, tree, run):
    raise UnsupportedError("x")
