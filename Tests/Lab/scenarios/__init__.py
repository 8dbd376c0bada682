"""The scenarios, in the order they are played."""

from scenarios import instruments  # noqa: F401
from scenarios import nat_calls  # noqa: F401
from scenarios import ipv6  # noqa: F401
from scenarios import reinvites  # noqa: F401
from scenarios import bridging  # noqa: F401
from scenarios import early_and_forked  # noqa: F401
from scenarios import offers  # noqa: F401
from scenarios import strangers  # noqa: F401
from scenarios import failures  # noqa: F401
from scenarios import obstacles  # noqa: F401
from scenarios import transitions  # noqa: F401
from scenarios import metrics  # noqa: F401
from scenarios import timeouts  # noqa: F401
from scenarios import control  # noqa: F401
