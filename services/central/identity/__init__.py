"""Who speaks: which region, proved by its signature, and what became of the key it used.

Gives: `Regions`, and the refusals of a region's word, each with a code of its own. Keys come from
two places: a file of pinned ones, and the table `region_key` of enrolled ones, which the room
`keys` owns. Never: believes a word before the key's standing was looked at.
"""

from services.central.identity.challenges import Challenges, ChallengeStale, ChallengeTold, Replayed
from services.central.identity.refusals import (
    REGION_REFUSALS,
    AnotherRegion,
    RegionKeyExpired,
    RegionKeyPending,
    RegionKeyRetired,
    RegionKeyRevoked,
    RegionKeyUnknown,
    RegionNotProven,
)
from services.central.identity.regions import Regions, Signer, region_of

__all__ = [
    "REGION_REFUSALS",
    "AnotherRegion",
    "ChallengeStale",
    "ChallengeTold",
    "Challenges",
    "RegionKeyExpired",
    "RegionKeyPending",
    "RegionKeyRetired",
    "RegionKeyRevoked",
    "RegionKeyUnknown",
    "RegionNotProven",
    "Regions",
    "Replayed",
    "Signer",
    "region_of",
]
