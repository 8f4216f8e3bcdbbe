"""The region's tables. Large rows are written once; positions move beside them.

A room that brings tables brings a module here.
"""

from services.regional.tables.amendments import amendment, amendment_decision
from services.regional.tables.audit import (
    AUDIT,
    audit_checkpoint,
    audit_entry,
    audit_head,
    audit_witness,
)
from services.regional.tables.base import metadata
from services.regional.tables.breaches import breach
from services.regional.tables.citizen import receipt_generation, receipt_secret
from services.regional.tables.console import line_sample
from services.regional.tables.coverage import (
    coverage_snapshot,
    coverage_snapshot_cell,
    coverage_snapshot_taken,
)
from services.regional.tables.desk import (
    blank,
    blank_burning,
    blank_delivery,
    burnt_blank,
    handover,
    print_exception,
    suket,
)
from services.regional.tables.field import (
    field_batch,
    field_batch_item,
    field_session,
    field_station,
    home_visit,
    home_visit_event,
)
from services.regional.tables.hooks import hook, hook_delivery, hook_position
from services.regional.tables.line import (
    card,
    decision,
    evidence,
    evidence_overdue,
    evidence_watch,
    feed_page,
    feed_position,
    held_entry,
    outbox,
    outbox_head,
    print_authorization,
    recording,
    refused_envelope,
    server_life,
    uplink_batch,
    uplink_position,
)
from services.regional.tables.operators import operator_irises
from services.regional.tables.outreach import (
    invitation,
    invitation_delivery,
    outreach,
    outreach_event,
)
from services.regional.tables.permission import renewal, revocation
from services.regional.tables.remedies import (
    deleted_recording,
    deletion_entry,
    deletion_named,
    deletion_request,
    move_entry,
    move_in,
    validation,
)
from services.regional.tables.residents import (
    resident,
    resident_change,
    resident_staged,
    residents_change_set,
    residents_fault,
)
from services.regional.tables.sessions import page_session

__all__ = [
    "AUDIT",
    "amendment",
    "amendment_decision",
    "audit_checkpoint",
    "audit_entry",
    "audit_head",
    "audit_witness",
    "blank",
    "blank_burning",
    "blank_delivery",
    "breach",
    "burnt_blank",
    "card",
    "coverage_snapshot",
    "coverage_snapshot_cell",
    "coverage_snapshot_taken",
    "decision",
    "deleted_recording",
    "deletion_entry",
    "deletion_named",
    "deletion_request",
    "evidence",
    "evidence_overdue",
    "evidence_watch",
    "feed_page",
    "feed_position",
    "field_batch",
    "field_batch_item",
    "field_session",
    "field_station",
    "handover",
    "held_entry",
    "home_visit",
    "home_visit_event",
    "hook",
    "hook_delivery",
    "hook_position",
    "invitation",
    "invitation_delivery",
    "line_sample",
    "metadata",
    "move_entry",
    "move_in",
    "operator_irises",
    "outbox",
    "outbox_head",
    "outreach",
    "outreach_event",
    "page_session",
    "print_authorization",
    "print_exception",
    "receipt_generation",
    "receipt_secret",
    "recording",
    "refused_envelope",
    "renewal",
    "resident",
    "resident_change",
    "resident_staged",
    "residents_change_set",
    "residents_fault",
    "revocation",
    "server_life",
    "suket",
    "uplink_batch",
    "uplink_position",
    "validation",
]
