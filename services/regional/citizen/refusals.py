"""What the doors of citizens refuse, in words for people."""

from shared.refusals import Refusal


class NothingKnown(Refusal):
    """Nothing is known under this NIK and birth date here; which of them is wrong is not told."""

    code, status = "nothing-known", 404
    title = "Nothing is known under this NIK and birth date here"
    next_action = "Check both, as they stand on the family card; else ask at the office."
    next_action_id = "Periksa keduanya menurut Kartu Keluarga; atau tanyakan ke kantor."


class ReceiptNotKnown(Refusal):
    """This address is of no receipt of ours, or of one that was revoked."""

    code, status = "receipt-not-known", 404
    title = "This receipt is not known here, or no longer"
    next_action = "Ask with NIK and birth date instead, or have the receipt printed anew."
    next_action_id = "Tanyakan dengan NIK dan tanggal lahir, atau minta tanda terima baru."


class TooManyQuestions(Refusal):
    """More was asked, from one address or about one NIK, than people ask. Nothing was looked up."""

    code, status = "too-many-questions", 429
    title = "Asked too often"
    next_action = "Wait as long as Retry-After says, then ask again."
    next_action_id = "Tunggu selama waktu pada Retry-After, lalu tanyakan lagi."
