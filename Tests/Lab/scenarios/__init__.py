"""The scenarios, in the order they are played."""

from scenarios import instruments  # noqa: F401
from scenarios import nat_calls  # noqa: F401
