"""Where Wagtail looks for screens of the admin that read the store of documents; they are in `api/admin/`."""

from importlib import import_module
from pkgutil import iter_modules

from api import admin

for _module in iter_modules(admin.__path__):
    import_module(f"{admin.__name__}.{_module.name}")
