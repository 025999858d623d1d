"""Repeatable measurements: `make bench` prints their table, and the README quotes it."""
