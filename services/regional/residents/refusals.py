"""What who brings a residents' list may be refused with."""

from shared.refusals import Refusal


class ListBeingRead(Refusal):
    """Another residents' list is being read; two would be compared with the same people."""

    code, status = "residents-list-being-read", 409
    title = "Another residents' list is being read"
    next_action = "Wait until it is read, apply or discard it, then send yours."
    next_action_id = "Tunggu sampai selesai dibaca, terapkan atau buang, lalu kirim daftar Anda."


class ChangeSetClosed(Refusal):
    """This change set is still being read, or was applied, discarded or failed before."""

    code, status = "change-set-closed", 409
    title = "This change set cannot be applied or discarded now"
    next_action = "Look at its state; hand the list in again if it is to be applied."
    next_action_id = "Lihat keadaannya; kirim daftar itu lagi bila perlu diterapkan."


class ChangeSetStale(Refusal):
    """Another list was applied after this one was compared: its preview is no longer true."""

    code, status = "change-set-stale", 409
    title = "The list in place has changed since the preview"
    next_action = "Hand the list in again and look at the new preview."
    next_action_id = "Kirim daftar itu lagi, lalu periksa pratinjau yang baru."


class NiksSeemRounded(Refusal):
    """Far more NIKs of this list end in zero than can be: their last digits were lost."""

    code, status = "niks-seem-rounded", 409
    title = "The NIKs of this list seem to be rounded"
    next_action = (
        "Export the list again without opening it in a spreadsheet; "
        "apply it all the same only when you know why so many end in zero."
    )
    next_action_id = (
        "Ekspor ulang daftar tanpa membukanya di Excel; terapkan juga hanya bila Anda tahu "
        "mengapa begitu banyak NIK berakhir nol."
    )
