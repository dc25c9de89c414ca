"""Good facts to break, as tests of the program have them."""

from tests.infra.conftest import clone, deployed

__all__ = ["clone", "deployed"]
