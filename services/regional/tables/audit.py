"""Tables of the audit: entries and checkpoints are appended, and never changed or removed."""

from services.regional.tables.base import metadata
from shared.audit.tables import audit_tables

AUDIT = audit_tables(metadata, {})
audit_entry, audit_head = AUDIT.entry, AUDIT.head
audit_checkpoint, audit_witness = AUDIT.checkpoint, AUDIT.witness
