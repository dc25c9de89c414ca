"""Which service, bucket and object a request is about, read from its envelope.

A wrong guess costs time, never state: whoever uses it looks at everything when it is None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
_SCOPE: Final = re.compile(r"Credential=[^/]+/\d{8}/[^/]*/(?P<service>[^/]+)/aws4_request")


@dataclass(frozen=True, slots=True)
class Request:
    """What may have changed: everything of a part that is None."""

    service: str | None = None
    bucket: str | None = None
    key: str | None = None

    @classmethod
    def of(cls, environ: WSGIEnvironment) -> Self:
        """Read a signed path-style request; of others it says that anything may have changed."""
        scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        service = scope["service"] if scope else None
        if service != "s3":
            return cls(service=service)
        # PEP 3333: the path is bytes that were decoded as latin-1
        path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
        bucket, _, key = path.removeprefix("/").partition("/")
        return cls(service=service, bucket=bucket or None, key=key or None)

    def concerns(self, *services: str) -> bool:
        """Whether one of the services may have worked on it."""
        return self.service is None or self.service in services
