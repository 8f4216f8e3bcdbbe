"""A city and its weather, for tests and demonstrations: synthetic people, a simulated line."""
