"""The product of the tests of faults, for input that a worker has to deal with."""

from tests.faults.conftest import prepared_world, world

__all__ = ["prepared_world", "world"]
