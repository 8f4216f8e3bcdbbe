"""PostgreSQL: the way to it, and a real one of our own where none is given.

Owns: the connection pool, transactions, the embedded server's life. Takes: a URL, or a data folder.
Gives: `Database` to doors and loops, a URL to services. Never: a table or a query of a room.
"""
