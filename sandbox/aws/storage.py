"""S3's buckets, objects and tags as rows.

An object request touches one object, so only that one is frozen; a bucket request (a batch delete,
a form upload) compares all of the bucket's versions by id and date, which is cheap.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from moto.s3.models import FakeBucket, S3Backend, s3_backends
from moto.s3.utils import _VersionedKeyStore

from sandbox.aws.frozen import blank
from sandbox.aws.request import Request
from sandbox.aws.rows import Key

BUCKET: Final = "bucket"
OBJECT: Final = "object"
TAGS: Final = "tags"

_Versions = tuple[tuple[str, Any], ...]


class Storage:
    """Tells what differs from the rows, and puts rows back into moto."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str, str], dict[str, _Versions]] = {}

    def current(self, request: Request) -> Iterator[tuple[Key, Any]]:
        """Rows that may have changed."""
        for account, region, backend in s3_backends.iter_backends():
            assert isinstance(backend, S3Backend)
            yield Key(TAGS, account, region), dict(backend.tagger.tags)
            for name, bucket in list(backend.buckets.items()):
                if request.bucket in {None, name}:
                    where = (account, region, name)
                    yield Key(BUCKET, *where), {**bucket.__dict__, "keys": None}
                    for key in self._changed(where, bucket, request):
                        yield Key(OBJECT, *where, key), list(bucket.keys.getlist(key))

    def gone(self, request: Request) -> Iterator[Key]:
        """Rows whose bucket or object is no more."""
        for where, seen in list(self._seen.items()):
            account, region, name = where
            if request.bucket not in {None, name}:
                continue
            bucket = s3_backends[account][region].buckets.get(name)
            there = bucket.keys.keys() if bucket is not None else frozenset()
            for item in seen.keys() - there:
                del seen[item]
                yield Key(OBJECT, *where, item)
            if bucket is None:
                del self._seen[where]
                yield Key(BUCKET, *where)

    def forget(self) -> None:
        """Look at everything again: what was told last could not be written."""
        self._seen = {where: dict.fromkeys(seen, ()) for where, seen in self._seen.items()}

    def restore(self, key: Key, value: Any) -> None:
        """Put one row back; a bucket's comes before those of its objects."""
        backend = s3_backends[key.account][key.region]
        if key.kind == TAGS:
            backend.tagger.tags.update(value)
        elif key.kind == BUCKET:
            bucket: FakeBucket = blank(FakeBucket)
            bucket.__dict__.update(value, keys=_VersionedKeyStore())
            backend.buckets[key.name] = bucket
            s3_backends.bucket_accounts[key.name] = (key.region, key.account)
            self._seen[key[1:4]] = {}
        else:
            backend.buckets[key.name].keys.setlist(key.item, value)
            self._seen[key[1:4]][key.item] = _versions(value)

    def _changed(
        self, where: tuple[str, str, str], bucket: FakeBucket, request: Request
    ) -> list[str]:
        seen = self._seen.setdefault(where, {})
        if request.key is not None and request.key in bucket.keys:
            names = {request.key} | (bucket.keys.keys() - seen.keys())
        else:
            names = {
                name
                for name, versions in list(dict.items(bucket.keys))
                if seen.get(name) != _versions(versions)
            }
        seen.update({name: _versions(bucket.keys.getlist(name, [])) for name in names})
        return sorted(name for name in names if name in bucket.keys)


def _versions(versions: list[Any]) -> _Versions:
    return tuple((version.version_id, version.last_modified) for version in versions)
