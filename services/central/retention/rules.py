"""The schedule of the centre: what is kept how long and why, and what is kept for good. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from shared.retention.terms import Term


class Kind(StrEnum):
    """Each has a setting: `RETENTION_<KIND>_DAYS`."""

    DELETED_IMAGES = "deleted_images"


DAYS = {Kind.DELETED_IMAGES: 365}
_SAID = {
    Kind.DELETED_IMAGES: (
        "Images of recordings that were deleted, from when an officer ordered it",
        "Whoever was deleted by mistake comes back within a year (UU 27/2022 arts 16, 42-44)",
    ),
}


def terms(days: Mapping[Kind, int]) -> dict[Kind, Term]:
    return {kind: Term(kind.value, days[kind], *_SAID[kind]) for kind in Kind}


_LAW = "population register: kept and guarded by the state (UU 23/2006 art 79, UU 24/2013)"
_PROOF = "proof of an act, with officer and moment"
_NOBODY = "holds nobody's data"
_OWN_RULE = "ends by the room's own rule"
# Tables no sweep touches. A test asks that every table is here or in a sweep.
KEPT: Mapping[str, str] = {
    "abis_mark": _NOBODY,
    "adjudication_candidate": _PROOF,
    "adjudication_case": _PROOF,
    "adjudication_view": _PROOF,
    "adjudication_vote": _PROOF,
    "amendment": _LAW,
    "audit_checkpoint": _NOBODY,
    "audit_entry": "a chain cannot lose an entry unseen; ids and codes only",
    "audit_head": _NOBODY,
    "audit_witness": _NOBODY,
    "breach": "the register of breaches is the proof that duties were done",
    "card": _LAW,
    "contested": _PROOF,
    "coverage_base": _NOBODY,
    "data_key": "opens an envelope; destroyed when that is erased",
    "deletion": _PROOF,
    "deletion_request": _PROOF,
    "demographic_key": _LAW,
    "displaced_entry": "what regions were told before a restore: proof of why they had cards",
    "duplicate": _PROOF,
    "envelope": _LAW,
    "evidence_overdue": _OWN_RULE,
    "evidence_watch": _NOBODY,
    "feed": _LAW,
    "feed_head": _NOBODY,
    "gallery": _LAW,
    "gallery_head": _NOBODY,
    "identity_version": _LAW,
    "incarnation": _NOBODY,
    "intake_head": _NOBODY,
    "move": _LAW,
    "operator": _PROOF,
    "page_session": _OWN_RULE,
    "region_key": _PROOF,
    "region_life": _NOBODY,
    "registry": _LAW,
    "resync": _NOBODY,
    "revocation": _LAW,
    "set_aside": _NOBODY,
    "settled_head": _NOBODY,
    "undecided": _OWN_RULE,
    "uniqueness_check": _PROOF,
    "validation": _LAW,
}
