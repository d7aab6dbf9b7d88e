"""A backup: one tar archive with the database and every uploaded file that it names.

media/…  private/…     files, as they lie in MEDIA_ROOT and PRIVATE_MEDIA_ROOT
database.sqlite3       or database.pgdump, which pg_restore reads
manifest.json          what it is a backup of, and the checksums of all that; last, so that no cut archive has one
"""
