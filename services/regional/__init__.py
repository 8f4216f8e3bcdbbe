"""A regional civil-registry server: it records, queues, sends, and prints with permission."""
