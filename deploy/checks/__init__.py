"""Checks of `make check` that no linter has. Standard library only."""
