"""Why a vote or a claim is not taken."""

from shared.refusals import Refusal


class CaseSettled(Refusal):
    """Two officers have agreed on this case already, or it was withdrawn. Load it again."""

    code, status = "case-settled", 409
    title = "This case is settled"
    next_action = "Load the case again to see the verdict; take up another one."
    next_action_id = "Muat ulang kasus untuk melihat putusannya; ambil kasus lain."


class CaseClaimed(Refusal):
    """Another officer is looking at this case until the moment in `until`."""

    code, status = "case-claimed", 409
    title = "Another officer holds this case"
    next_action = "Take up another case, or come back after the moment in until."
    next_action_id = "Ambil kasus lain, atau kembali setelah waktu pada until."


class CaseChanged(Refusal):
    """A further candidate joined the case after it was shown, so the vote was not about all."""

    code, status = "case-changed", 409
    title = "The case has a further candidate"
    next_action = "Load the case again, look at every candidate, then vote."
    next_action_id = "Muat ulang kasus, periksa semua kandidat, lalu putuskan."


class VotedBefore(Refusal):
    """An officer votes once on the candidates of a case; another officer is to judge."""

    code, status = "voted-before", 409
    title = "You have voted on this case"
    next_action = "Leave it to another officer; your vote stands."
    next_action_id = "Serahkan kepada petugas lain; putusan Anda tetap berlaku."


class OwnRecording(Refusal):
    """Who recorded one of these people never judges whether they are one."""

    code, status = "own-recording", 403
    title = "You recorded one of these people"
    next_action = "Leave this case to officers who recorded neither of them."
    next_action_id = "Serahkan kasus ini kepada petugas yang tidak merekam mereka."


class NotACandidate(Refusal):
    """A verdict of one person names one of the case's candidates; of different people, none."""

    code, status = "not-a-candidate", 409
    title = "The vote does not name a candidate of this case"
    next_action = "Name one of the case's candidates for same_person, and none otherwise."
    next_action_id = "Sebutkan satu kandidat kasus ini untuk orang yang sama; selain itu kosong."


class ReasonMismatch(Refusal):
    """The reason's code does not go with the verdict."""

    code, status = "reason-mismatch", 409
    title = "The reason does not go with the verdict"
    next_action = "Choose a reason that is listed for this verdict."
    next_action_id = "Pilih alasan yang tersedia untuk putusan ini."
