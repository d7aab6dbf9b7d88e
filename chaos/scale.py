"""How often and for how long."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    articles: int = 200
    publish_kills: int = 200
    worker_kills: int = 20
    graceful_restarts: int = 20
    database_restarts: int = 5
    cache_seconds: float = 30
    full_disk_publishes: int = 20
    slow_clients: int = 50
    slow_seconds: float = 15
    without_nginx: bool = True
    """Whether slow clients come to gunicorn itself, too; each probe then takes half a minute."""
    overload_seconds: float = 20
    migrations: int = 5
    minutes: float = 5
    """Of the soak."""

    @classmethod
    def quick(cls) -> "Scale":
        return cls(
            articles=5,
            publish_kills=4,
            worker_kills=1,
            graceful_restarts=1,
            database_restarts=1,
            cache_seconds=2,
            full_disk_publishes=2,
            slow_seconds=3,
            without_nginx=False,
            overload_seconds=3,
            migrations=1,
            minutes=0.2,
        )
