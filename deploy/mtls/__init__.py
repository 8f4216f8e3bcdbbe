"""A private authority for the wall of TLS around the line: see `README.md` beside this."""
