"""The central schema's history: expand first, contract later."""
