"""What the printing desk refuses for the sake of order, blanks and hands."""

from shared.refusals import Refusal


class PrintOutOfTurn(Refusal):
    """Older permissions wait: at least `ahead`, of which the oldest `window` may be printed.

    Who must be served before has an exception, with an officer's name, a reason, and words.
    """

    code, status = "print-out-of-turn", 409
    title = "Others have waited longer for their card"
    next_action = "Print the oldest first, or let an officer enter an exception with its reason."
    next_action_id = "Cetak yang terlama dulu, atau minta petugas mencatat pengecualian."


class ExceptionStands(Refusal):
    """An exception was entered for this permission, with other words; it is never changed."""

    code, status = "print-exception-stands", 409
    title = "This permission has an exception already"
    next_action = "Print on it: the exception that was entered first counts."
    next_action_id = "Cetak saja: pengecualian yang pertama dicatat yang berlaku."


class BlankNotReceived(Refusal):
    """No delivery holds this serial, and this office counts its blanks one by one."""

    code, status = "blank-not-received", 409
    title = "This blank was never received here"
    next_action = "Read the serial again, or enter the delivery it came with."
    next_action_id = "Baca lagi nomor serinya, atau catat dulu penerimaan blangkonya."


class BlankSpoiledBefore(Refusal):
    """This blank was put aside as spoiled before it was used."""

    code, status = "blank-spoiled-before", 409
    title = "This blank was put aside as spoiled"
    next_action = "Put another blank into the printer; this one is burnt with minutes."
    next_action_id = "Pakai blangko lain; blangko ini dimusnahkan dengan berita acara."


class CollectorNotFamily(Refusal):
    """Only the holder, or somebody on the same family card, collects a card; `why` is a code."""

    code, status = "collector-not-family", 409
    title = "This person may not collect the card"
    next_action = "Hand it to the holder, or to somebody on the holder's family card."
    next_action_id = "Serahkan kepada pemilik, atau anggota kartu keluarga yang sama."


class HolderMovedAway(Refusal):
    """The holder's domicile is in another region now: that office holds the only permission."""

    code, status = "holder-moved-away", 409
    title = "The holder moved to another region"
    next_action = "Do not print: the office of the new domicile prints the card."
    next_action_id = "Jangan cetak: kantor domisili baru yang mencetak kartunya."
