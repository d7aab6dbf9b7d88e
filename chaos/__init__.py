"""Faults that a site has to survive, each against real servers: `make chaos`. docs/faults.md tells what they found."""
