"""What every door of both services has: problems, health, docs without internet, limits, shutdown."""
