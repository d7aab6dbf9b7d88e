"""The document store: what was published, version by version, and the only way to read it."""
