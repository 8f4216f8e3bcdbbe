"""What a recording offers a search by irises, under the gallery's key. Pure.

Whoever lacks irises is normal: the ill, the old, the disabled. For them people look, two of them;
no machine calls somebody unique whom it could not search for.
"""

from collections.abc import Collection
from dataclasses import dataclass

from services.central.penunggalan.iris.matcher import Probe
from services.central.penunggalan.rules import Candidate, Doubt, Doubtful, NoTemplates, Unsearchable
from services.central.settings import Irises
from shared.contracts.recording import Modality, Recording
from shared.iris import FORMAT, NothingTrusted, UnreadableTemplate, Words, is_good, words_of
from shared.iris_keys import GalleryKeys

EYES = (Modality.IRIS_LEFT, Modality.IRIS_RIGHT)

# What follows at once, or None: the NIK alone is enough here.
NoSearch = Doubtful | NoTemplates | Unsearchable | None


@dataclass(frozen=True, slots=True)
class Probed:
    """A candidate whose irises can be searched for."""

    candidate: Candidate
    probe: Probe


@dataclass(frozen=True, slots=True)
class TooPoor:
    """An eye that was taken, and of which too little can be trusted: as if it were missing."""


def probe_of(
    candidate: Candidate, irises: Irises, keys: GalleryKeys, waived: Collection[Doubt] = ()
) -> Probed | NoSearch:
    """The search a recording needs, or why there is none. waived: doubts a region has settled."""
    recording = candidate.recording
    if irises is Irises.IGNORED:
        return None
    seen = [_seen(recording, eye) for eye in EYES]
    eyes = [None if isinstance(eye, TooPoor) else eye for eye in seen]
    if any(eye is not None for eye in eyes):
        under_key = [None if eye is None else keys.protect(eye) for eye in eyes]
        return Probed(candidate, Probe(recording.recording_id, *under_key))
    if any(isinstance(eye, TooPoor) for eye in seen):
        # Not the NIK alone: covering one's irises would then be a way around the search.
        return Unsearchable() if Doubt.POOR_QUALITY in waived else Doubtful(Doubt.POOR_QUALITY)
    if irises is Irises.WHERE_READABLE:
        return None
    if any(eye in recording.biometrics.templates for eye in EYES):
        if Doubt.UNREADABLE_TEMPLATE in waived:
            return Unsearchable()
        return Doubtful(Doubt.UNREADABLE_TEMPLATE)
    if all(eye in recording.biometrics.exceptions for eye in EYES):
        return Unsearchable()
    return NoTemplates()


def _seen(recording: Recording, eye: Modality) -> Words | TooPoor | None:
    """None for what is not there, or not in a format that is read here."""
    template = recording.biometrics.templates.get(eye)
    if template is None or template.format != FORMAT:
        return None
    try:
        words = words_of(template.data)
    except NothingTrusted:
        return TooPoor()
    except UnreadableTemplate:
        return None
    return words if is_good(words) else TooPoor()
