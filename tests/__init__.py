"""Tests: the second documentation. Each name is a claim."""
