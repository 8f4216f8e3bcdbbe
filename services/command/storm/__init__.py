"""The storm: every fault this system knows, at once and by seed, and one checker over all of it.

Each tier drives the real rules or the real services through bad weather and hands in its books;
`books.check` alone says what was lost, doubled or overtaken. Never: a second checker.
"""
