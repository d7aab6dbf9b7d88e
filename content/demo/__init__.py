"""The demo content: what it says is in the TOML files here, how it gets into the database in `load.py`."""
