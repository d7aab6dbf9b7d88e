"""Our screens of the admin. Every module in this folder is loaded because it lies here; there is no list to keep."""

from importlib import import_module
from pkgutil import iter_modules


def load() -> None:
    """Import every module here, so that its hooks are registered."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
