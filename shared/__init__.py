"""What both services share: values, contracts, signing, refusals, the database, clock and
settings."""
