"""PUT, GET and REMOVE: files of internal stages.

The client copies the files itself, as it does with Snowflake: the answer of PUT and GET tells it
where. Here that is a folder on this machine, which drivers know as `LOCAL_FS`.
https://docs.snowflake.com/en/sql-reference/sql/put
https://docs.snowflake.com/en/sql-reference/sql/get
https://docs.snowflake.com/en/sql-reference/sql/remove
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any, Final

from sandbox.snowflake.context import Context
from sandbox.snowflake.data.model import ObjectName, StagedFile
from sandbox.snowflake.data.scope import stage_and_path
from sandbox.snowflake.errors import CompilationError, StatementSyntaxError, UnsupportedError
from sandbox.snowflake.result import Column, RawResult, Result
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs.needs import demand_stage

_WORD: Final = r"('(?:[^']|'')+'|\S+)"
_TRANSFER: Final = re.compile(rf"\s*(PUT|GET)\s+{_WORD}\s+{_WORD}(.*?);?\s*", re.I | re.S)
_REMOVE: Final = re.compile(rf"\s*(?:REMOVE|RM)\s+{_WORD}(.*?);?\s*", re.I | re.S)
_PARALLEL: Final = 4


def put(context: Context, reader: Reader) -> RawResult:
    """PUT file://… @stage[/path] [PARALLEL | AUTO_COMPRESS | SOURCE_COMPRESSION | OVERWRITE]."""
    _, source, target, rest = _read(_TRANSFER, reader)
    options = _options(rest, "PARALLEL", "AUTO_COMPRESS", "SOURCE_COMPRESSION", "OVERWRITE")
    stage, path = _internal(context, target, "WRITE")
    folder = context.account.files.folder(stage) / path
    folder.mkdir(parents=True, exist_ok=True)
    return RawResult(
        {
            "command": "UPLOAD",
            "operation": "Node",
            "src_locations": [_local(source)],
            "autoCompress": options.get("AUTO_COMPRESS", "TRUE") == "TRUE",
            "sourceCompression": options.get("SOURCE_COMPRESSION", "AUTO_DETECT").lower(),
            "overwrite": options.get("OVERWRITE") == "TRUE",
            **_place(str(folder), options),
        }
    )


def get(context: Context, reader: Reader) -> RawResult:
    """GET @stage[/path] file://… [PARALLEL | PATTERN]."""
    _, source, target, rest = _read(_TRANSFER, reader)
    options = _options(rest, "PARALLEL", "PATTERN")
    stage, path = _internal(context, source, "READ")
    files = _files(context, stage, path, options.get("PATTERN"))
    return RawResult(
        {
            "command": "DOWNLOAD",
            "operation": "Node",
            "src_locations": [file.name for file in files],
            "localLocation": _local(target),
            **_place(str(context.account.files.folder(stage)), options),
        }
    )


def remove(context: Context, reader: Reader) -> Result:
    """REMOVE @stage[/path] [PATTERN = '…']; also of external stages."""
    target, rest = _read(_REMOVE, reader)
    stage, path = _stage(context, target, "WRITE")
    files = _files(context, stage, path, _options(rest, "PATTERN").get("PATTERN"))
    for file in files:
        context.account.files.remove(stage, file)
    rows = [[file.url or file.name, "removed"] for file in files]
    return Result([Column("name"), Column("result")], rows)


def _read(form: re.Pattern[str], reader: Reader) -> list[str]:
    match = form.fullmatch(reader.text)
    if match is None:
        raise StatementSyntaxError(f"syntax error in '{' '.join(reader.text.split())[:80]}'.")
    return [_plain(part or "") for part in match.groups()]


def _plain(part: str) -> str:
    if part.startswith("'") and part.endswith("'") and len(part) > 1:
        return part[1:-1].replace("''", "'")
    return part


def _local(text: str) -> str:
    if not text.lower().startswith("file://"):
        raise CompilationError(f"'{text}' is no file:// path.")
    return text[len("file://") :]


def _options(text: str, *known: str) -> dict[str, str]:
    reader, found = Reader(text), {}
    while not reader.at_end:
        name = reader.accept_any(*known)
        if name is None:
            raise reader.error()
        reader.expect_symbol("=")
        given = reader.advance().value
        found[name] = given if name == "PATTERN" else given.upper()
    return found


def _place(folder: str, options: dict[str, str]) -> dict[str, Any]:
    """Where the client finds or puts the files."""
    return {
        "parallel": int(options.get("PARALLEL", _PARALLEL)),
        "stageInfo": {
            "locationType": "LOCAL_FS",
            "location": folder,
            "path": "",
            "region": "",
            "creds": {},
            "isClientSideEncrypted": False,
        },
    }


def _stage(context: Context, text: str, privilege: str) -> tuple[ObjectName, str]:
    if not text.startswith("@"):
        raise CompilationError(f"'{text}' is no stage.")
    stage, path = stage_and_path(text, context.account.query_context(context))
    record = context.get(context.registry["STAGE"], tuple(stage))
    demand_stage(context, record, privilege)
    if ".." in PurePosixPath(path).parts:
        raise CompilationError(f"'{text}' leaves its stage.")
    return stage, path.strip("/")


def _internal(context: Context, text: str, privilege: str) -> tuple[ObjectName, str]:
    stage, path = _stage(context, text, privilege)
    if context.get(context.registry["STAGE"], tuple(stage)).properties.get("URL"):
        raise UnsupportedError("PUT and GET of an external stage; use the cloud's own tools")
    return stage, path


def _files(context: Context, stage: ObjectName, path: str, pattern: str | None) -> list[StagedFile]:
    found = context.account.files.stage_files(stage, path)
    if pattern is None:
        return list(found)
    return [file for file in found if re.fullmatch(pattern, file.name)]
