"""What a running service says of itself: logs, metrics, traces. Ids only, never personal data."""
