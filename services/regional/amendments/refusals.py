"""What the desk is refused with: the law's objections, and what only this door knows."""

from typing import cast

from shared.amendment.objections import TOLD, Objection
from shared.refusals import Refusal

# What another day, or another office, may change; the rest is wrong in the request itself.
_BY_STANDING = frozenset(
    {
        Objection.NOTHING_CHANGES,
        Objection.NOT_PROVEN,
        Objection.OTHER_RECORDING,
        Objection.ELSEWHERE,
        Objection.TAKEN_BACK,
        Objection.NO_CARD,
        Objection.SET_ASIDE,
    }
)


class AmendmentDiffers(Refusal):
    """This id was used before for a request with other content. Nothing was overwritten."""

    code, status = "amendment-differs", 409
    title = "This request id already holds other content"
    next_action = "Give the new request an id of its own."
    next_action_id = "Beri permohonan baru nomor sendiri."


class AnotherRequestWaits(Refusal):
    """A request of this person is on its way; a second would be made over data that is changing.

    `earlier` names it, so that it can be looked up.
    """

    code, status = "another-request-waits", 409
    title = "A request of this person waits for the centre's answer"
    next_action = "Wait for the answer to the request named in earlier, then ask again."
    next_action_id = "Tunggu jawaban atas permohonan pada earlier, lalu ajukan lagi."


class ConfirmationNotProven(Refusal):
    """`confirmed_by` counts only when that head of office sends the request under an own token."""

    code, status = "confirmation-not-proven", 403
    title = "The confirmation is not the sender's own"
    next_action = "Let the head of office send the request, naming themselves in confirmed_by."
    next_action_id = "Kepala kantor mengirim sendiri dengan namanya pada confirmed_by."


def _of(objection: Objection) -> type[Refusal]:
    told = TOLD[objection]
    members = {
        "__doc__": told.why,
        "__module__": __name__,
        "code": objection.value,
        "status": 409 if objection in _BY_STANDING else 422,
        "title": told.title,
        "next_action": told.next_action,
        "next_action_id": told.next_action_id,
    }
    return cast("type[Refusal]", type(f"Objection_{objection.name}", (Refusal,), members))


REFUSALS: dict[Objection, type[Refusal]] = {one: _of(one) for one in Objection}
