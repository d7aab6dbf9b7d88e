"""What is public. Every module in this folder is loaded because it lies here; there is no list to keep."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
