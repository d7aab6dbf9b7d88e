"""Measurements made by hand; nothing here is a test."""
