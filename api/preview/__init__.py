"""Previews: a layer that holds one unpublished object, and the token that opens it."""
