"""What both services' doors have: problems, health, docs without internet, limits, shutdown."""
