"""The regional schema's history: expand first, contract later."""
