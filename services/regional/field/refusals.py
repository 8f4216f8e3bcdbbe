"""What field work refuses, with what to do instead."""

from shared.refusals import Refusal


class SessionEnded(Refusal):
    """This stay was done or cancelled; what was planned then stays as it was."""

    code, status = "field-session-ended", 409
    title = "This stay is done or cancelled"
    next_action = "Plan another stay under an id of its own."
    next_action_id = "Rencanakan kegiatan baru dengan nomor sendiri."


class VisitStandsInWay(Refusal):
    """Nobody is sent to this person before what `findings` names is set right."""

    code, status = "home-visit-not-due", 409
    title = "Something stands in the way of this home visit"
    next_action = "Do what the findings say, then ask again."
    next_action_id = "Lakukan yang disebut pada findings, lalu ajukan lagi."


class VisitDiffers(Refusal):
    """This id holds another wish for a home visit. Nothing was overwritten."""

    code, status = "home-visit-differs", 409
    title = "This id already holds another home visit"
    next_action = "Give the new wish an id of its own."
    next_action_id = "Beri permintaan baru nomor sendiri."


class VisitEnded(Refusal):
    """The visit has ended, or was not planned when an outcome came."""

    code, status = "home-visit-ended", 409
    title = "This cannot follow: the visit is ended, or has no day yet"
    next_action = "Plan a day first; after an ended visit ask for another."
    next_action_id = "Tetapkan hari dahulu; setelah kunjungan selesai ajukan yang baru."


class NotAVisitingDay(Refusal):
    """A visit is planned for today or a day within about a year."""

    code, status = "not-a-visiting-day", 422
    title = "Nobody can be visited on that day"
    next_action = "Choose a day from today on, within a year."
    next_action_id = "Pilih hari mulai hari ini, paling lama setahun ke depan."


class RecordingOfSomebodyElse(Refusal):
    """The recording that is named is not held here, or is of another person."""

    code, status = "recording-of-somebody-else", 409
    title = "That is not a recording of this person held here"
    next_action = "Upload the team's batch first, then name the recording taken at the visit."
    next_action_id = "Unggah berkas tim dahulu, lalu sebut perekaman dari kunjungan itu."


class StationDiffers(Refusal):
    """This id holds another station or key. Nothing was overwritten."""

    code, status = "station-key-differs", 409
    title = "This id already holds another station key"
    next_action = "Make a new key on the station (`tunggal field key`) and enrol that one."
    next_action_id = "Buat kunci baru di stasiun (`tunggal field key`) lalu daftarkan itu."


class BatchNotSigned(Refusal):
    """The batch is cut short, was changed, or its key is not enrolled here, or no longer.

    Nothing of it was taken. What the station holds is not lost: pack and send it again.
    """

    code, status = "field-batch-not-signed", 422
    title = "The batch is not whole, or not signed by a station enrolled here"
    next_action = "Send the file again; if it stays refused, have the station's key enrolled."
    next_action_id = "Kirim ulang berkasnya; bila tetap ditolak, daftarkan kunci stasiun itu."


class BatchDiffers(Refusal):
    """This batch id was used before for other content. Nothing of this one was taken."""

    code, status = "field-batch-differs", 409
    title = "This batch id already holds other content"
    next_action = "Pack the recordings again: the new file has an id of its own."
    next_action_id = "Kemas ulang perekaman: berkas baru mempunyai nomor sendiri."
