"""The schedule of the region: what is kept how long and why, and what is kept for good. Pure.

Where no law names a span, ours is the shortest in which the work it serves is surely done (UU
27/2022 arts 16 and 42-44: what is no longer needed is erased).
"""

from collections.abc import Mapping
from enum import StrEnum

from shared.retention.terms import Term


class Kind(StrEnum):
    """Each has a setting: `RETENTION_<KIND>_DAYS`."""

    IMAGES = "images"
    LETTERS = "letters"
    VISITS = "visits"
    WORDS = "words"
    LISTS = "lists"
    HOOKS = "hooks"
    COLLECTORS = "collectors"
    BODIES = "bodies"
    COPIES = "copies"


DAYS = {
    Kind.IMAGES: 90,
    Kind.LETTERS: 365,
    Kind.VISITS: 730,
    Kind.WORDS: 730,
    Kind.LISTS: 30,
    Kind.HOOKS: 30,
    Kind.COLLECTORS: 1_825,
    Kind.BODIES: 90,
    Kind.COPIES: 0,
}
_SAID = {
    Kind.IMAGES: (
        "Images of a recording, from when the centre had them whole",
        "The centre is where they belong; a quarter of a year covers its restore from a backup",
    ),
    Kind.LETTERS: (
        "Whom a letter went to and its code, from the day of its delivery",
        "Whoever did not answer for a year is written to anew",
    ),
    Kind.VISITS: (
        "Home visits with the person's condition, from when they were recorded or closed",
        "Health is specific data (UU 27/2022 art 4); two years let a yearly report be checked",
    ),
    Kind.WORDS: (
        "Free words and addresses an officer noted in a search, from when they were noted",
        "They serve the search; the act itself, its reason and its officer stay",
    ),
    Kind.LISTS: (
        "Residents' lists nobody applied, from when they were handed in",
        "A month-old list is replaced by the next one",
    ),
    Kind.HOOKS: (
        "Events told to a gateway, or given up, from when they ended",
        "What happened is kept by whom it happened to; a month is enough to look into a trouble",
    ),
    Kind.COLLECTORS: (
        "The number of whoever took a card home, from the day of hand-over; the name stays",
        "Whoever says the card never came says so sooner",
    ),
    Kind.BODIES: (
        "Sealed recordings the centre decided, from its receipt",
        "Nobody here can read them; a quarter of a year covers the centre's restore from a backup",
    ),
    Kind.COPIES: (
        "What an office reads of a recording, from when its card was handed over or refused",
        "A lost card is printed again from it: for ever, where no term is set",
    ),
}


def terms(days: Mapping[Kind, int]) -> dict[Kind, Term]:
    return {kind: Term(kind.value, days[kind], *_SAID[kind]) for kind in Kind}


_LAW = "population register: kept and guarded by the state (UU 23/2006 art 79, UU 24/2013)"
_OWN_RULE = "ends by the room's own rule"
_PROOF = "proof of an act, with officer and moment"
_NOBODY = "holds nobody's data"
# Tables no sweep touches. A test asks that every table is here or in a sweep.
KEPT: Mapping[str, str] = {
    "amendment": _LAW,
    "amendment_decision": _LAW,
    "audit_checkpoint": _NOBODY,
    "audit_entry": "a chain cannot lose an entry unseen; ids and codes only",
    "audit_head": _NOBODY,
    "audit_witness": _NOBODY,
    "blank": _NOBODY,
    "blank_burning": _PROOF,
    "blank_delivery": _PROOF,
    "breach": "the register of breaches is the proof that duties were done",
    "burnt_blank": _NOBODY,
    "card": _LAW,
    "coverage_snapshot": _NOBODY,
    "coverage_snapshot_cell": _NOBODY,
    "coverage_snapshot_taken": _NOBODY,
    "decision": _LAW,
    "deleted_recording": _PROOF,
    "deletion_entry": _PROOF,
    "deletion_named": _PROOF,
    "deletion_request": _PROOF,
    "evidence_overdue": _OWN_RULE,
    "evidence_watch": _NOBODY,
    "feed_page": "what a restored centre is given back (ADR 18)",
    "feed_position": _NOBODY,
    "field_batch": "keeps a file from being read in twice; ids only",
    "field_batch_item": "keeps a file from being read in twice; ids only",
    "field_session": _NOBODY,
    "field_station": _PROOF,
    "held_entry": _OWN_RULE,
    "hook": _PROOF,
    "hook_position": _NOBODY,
    "invitation_delivery": "how many letters a ward carried: no name",
    "line_sample": _OWN_RULE,
    "move_entry": _LAW,
    "move_in": _LAW,
    "operator_irises": _OWN_RULE,
    "outbox_head": _NOBODY,
    "outreach": "the office's duty to record everybody is not over before the person is recorded",
    "page_session": _OWN_RULE,
    "print_authorization": _LAW,
    "print_exception": _PROOF,
    "receipt_generation": _PROOF,
    "receipt_secret": _NOBODY,
    "recording": _LAW,
    "refused_envelope": _NOBODY,
    "renewal": _LAW,
    "resident": "the civil registry's list, as long as it lists the person or figures need them",
    "residents_fault": _NOBODY,
    "revocation": _LAW,
    "server_life": _NOBODY,
    "suket": _LAW,
    "uplink_batch": _NOBODY,
    "uplink_position": _NOBODY,
    "validation": _LAW,
}
