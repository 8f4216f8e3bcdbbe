"""What each operation of the centre's doors shows or does, as the audit has it.

An operation stands here once: as a look, as a deed, or among those that show nobody. A test holds
that none is missing; one that is missing all the same is written down as `undeclared`.
"""

from shared.audit.entries import Purpose
from shared.doors.looking import deed, look

_PENUNGGALAN, _CHANGE = Purpose.PENUNGGALAN, Purpose.DATA_CHANGE
_OVERSIGHT, _SECURITY = Purpose.OVERSIGHT, Purpose.SECURITY

LOOKS = {
    # Cases that people decide
    "AdjudicationDoors.get_cases": look("cases-listed", _PENUNGGALAN),
    "AdjudicationDoors.get_case": look("case-read", _PENUNGGALAN),
    "AdjudicationDoors.claim_case": deed("case-claimed", _PENUNGGALAN),
    "AdjudicationDoors.release_case": deed("case-released", _PENUNGGALAN),
    "AdjudicationDoors.give_vote": deed("vote-given", _PENUNGGALAN),
    "CasePages.cases_page": look("cases-listed", _PENUNGGALAN),
    "CasePages.case_page": look("case-read", _PENUNGGALAN),
    "CasePages.claim_by_page": deed("case-claimed", _PENUNGGALAN),
    "CasePages.release_by_page": deed("case-released", _PENUNGGALAN),
    "CasePages.vote_by_page": deed("vote-given", _PENUNGGALAN),
    "CasePages.face": look("face-seen", _PENUNGGALAN),
    # What regions ask to delete
    "RemedyDoors.list_deletion_requests": look("deletions-listed", _CHANGE),
    "RemedyDoors.get_deletion_request": look("deletion-read", _CHANGE),
    "RemedyDoors.confirm_deletion": deed("deletion-confirmed", _CHANGE),
    "RemedyDoors.refuse_deletion": deed("deletion-refused", _CHANGE),
    # Permissions taken back
    "RevocationDoors.get_revocations": look("revocations-listed", _OVERSIGHT),
    "RevocationDoors.revoke_permission": deed("permission-revoked", _OVERSIGHT),
    "RevocationDoors.permit_again_by_officer": deed("permission-given-again", _OVERSIGHT),
    # Restores, regions, and what was set aside
    "OfficeDoors.raise_epoch": deed("epoch-raised", _SECURITY),
    "OfficeDoors.waive_region": deed("region-waived", _SECURITY),
    "OfficeDoors.get_contested": look("contested-listed", _OVERSIGHT),
    "FencingDoors.hand_over": deed("region-handed-over", _SECURITY),
    "SetAsideDoors.order_another_try": deed("another-try-ordered", _OVERSIGHT),
}
# Their steps write the entry, with more than a door knows.
WRITES_ITSELF = frozenset(
    {
        "SessionDoors.end_sessions",
        "SessionPages.end_from_page",
        "SignInDoors.sign_in",
        "SignInDoors.sign_out",
        "BreachDoors.close_breach",
        "BreachDoors.note_told",
        "BreachDoors.record_breach",
        "DisclosureDoors.disclose",
        "DisclosureDoors.disclose_as_page",
        "RetentionDoors.obey_retention",
        "KeyOfficerDoors.approve_key",
        "KeyOfficerDoors.bring_key",
        "KeyOfficerDoors.refuse_key",
        "KeyOfficerDoors.revoke_key",
        "KeyRequestDoors.hand_in_key",
    }
)
SHOWS_NOBODY = WRITES_ITSELF | frozenset(
    {
        "KeyOfficerDoors.list_region_keys",
        "RetentionDoors.get_retention",
        "BreachDoors.get_breach_letter",
        "BreachDoors.list_breaches",
        "SessionDoors.get_sessions",
        "SessionPages.signed_in_page",
        "WitnessDoors.give_checkpoints",
        "AuditDoors.get_audit",
        # Regions' own programs, whose every word is kept in two logs already; and an ABIS's.
        "IntakeDoors.take_envelopes",
        "IntakeDoors.tell_position",
        "FeedDoors.read_feed",
        "EvidenceDoors.tell_upload",
        "EvidenceDoors.append_evidence",
        "ResyncDoors.tell_resync",
        "ResyncDoors.declare_resynced",
        "ResyncDoors.take_witness",
        "FencingDoors.claim_life",
        "ShareDoors.fetch_reference",
        # Counts and ids
        "OverdueDoors.get_overdue_evidence",
        "OfficeDoors.get_resync",
        "CoverageDoors.get_national_coverage",
        "CoverageDoors.get_outcomes",
        "SetAsideDoors.get_set_aside",
        "KeysDoors.get_jwks",
        "SignInDoors.sign_in_page",
        "HealthDoors.livez",
        "HealthDoors.readyz",
        "HealthDoors.metrics",
        "HealthDoors.get_version",
        "HealthDoors.get_health",
    }
)
