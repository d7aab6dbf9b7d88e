"""Which faults there are, by name, in the order in which they happen."""

from collections.abc import Callable

from chaos import killing, migrating, outages, pressure
from chaos.figures import Figure
from chaos.scale import Scale
from chaos.site import Stage

FAULTS: dict[str, Callable[[Stage, Scale], list[Figure]]] = {
    "publish-kills": killing.publishes,
    "worker-kills": killing.workers,
    "graceful-restarts": killing.graceful_restarts,
    "database-restarts": outages.database_restarts,
    "cache-gone": outages.cache_gone,
    "disk-full": outages.disk_full,
    "slow-clients": pressure.slow_clients,
    "overload": pressure.overload,
    "migration": migrating.migrations,
    "soak": pressure.soak,
}
__all__ = ["FAULTS", "Scale"]
