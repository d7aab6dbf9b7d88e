"""Screens of the admin that read the store. Every module in this folder is loaded because it lies here."""
