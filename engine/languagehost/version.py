"""The version of the language host, apart so that reading it imports neither gRPC nor the SDK."""

from typing import Final

VERSION: Final = "1.0.0"
