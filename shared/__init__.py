"""What both services share: values, contracts, signing, refusals, database, clock, settings."""
