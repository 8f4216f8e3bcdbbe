"""Tables of the audit: entries and checkpoints are appended, and never changed or removed."""

from services.central.tables.base import metadata
from shared.audit.tables import audit_tables

# Spread by the chain: one chain is one shard, whose head row gives the order.
AUDIT = audit_tables(metadata, {"citus": "chain"})
audit_entry, audit_head = AUDIT.entry, AUDIT.head
audit_checkpoint, audit_witness = AUDIT.checkpoint, AUDIT.witness
