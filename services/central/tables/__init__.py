"""The centre's tables, ready for Citus: each says by which column it is spread.

`info["citus"]` is the distribution column, or "reference" for small tables copied everywhere. Every
key, unique index and foreign key holds that column; no triggers, no serial numbers (checked by a
test). A room that brings tables brings a module here.
"""

from services.central.tables.adjudication import (
    adjudication_candidate,
    adjudication_case,
    adjudication_view,
    adjudication_vote,
)
from services.central.tables.amendments import amendment, identity_version
from services.central.tables.audit import (
    AUDIT,
    audit_checkpoint,
    audit_entry,
    audit_head,
    audit_witness,
)
from services.central.tables.base import metadata
from services.central.tables.breaches import breach
from services.central.tables.demographic import demographic_key
from services.central.tables.keys import region_key
from services.central.tables.line import (
    card,
    contested,
    coverage_base,
    displaced_entry,
    duplicate,
    envelope,
    evidence,
    evidence_overdue,
    evidence_watch,
    feed,
    feed_head,
    incarnation,
    intake_head,
    region_life,
    registry,
    resync,
    set_aside,
    settled_head,
)
from services.central.tables.permission import revocation
from services.central.tables.remedies import deletion, deletion_request, move, operator, validation
from services.central.tables.sealing import data_key
from services.central.tables.sessions import page_session
from services.central.tables.uniqueness import (
    abis_mark,
    gallery,
    gallery_head,
    undecided,
    uniqueness_check,
)

__all__ = [
    "AUDIT",
    "abis_mark",
    "adjudication_candidate",
    "adjudication_case",
    "adjudication_view",
    "adjudication_vote",
    "amendment",
    "audit_checkpoint",
    "audit_entry",
    "audit_head",
    "audit_witness",
    "breach",
    "card",
    "contested",
    "coverage_base",
    "data_key",
    "deletion",
    "deletion_request",
    "demographic_key",
    "displaced_entry",
    "duplicate",
    "envelope",
    "evidence",
    "evidence_overdue",
    "evidence_watch",
    "feed",
    "feed_head",
    "gallery",
    "gallery_head",
    "identity_version",
    "incarnation",
    "intake_head",
    "metadata",
    "move",
    "operator",
    "page_session",
    "region_key",
    "region_life",
    "registry",
    "resync",
    "revocation",
    "set_aside",
    "settled_head",
    "undecided",
    "uniqueness_check",
    "validation",
]
