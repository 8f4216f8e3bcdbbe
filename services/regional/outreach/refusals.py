"""What outreach refuses, with what to do instead."""

from shared.refusals import Refusal


class NotTheDayForLetters(Refusal):
    """Letters are carried on workdays, from today on and at most a month ahead."""

    code, status = "not-a-day-for-letters", 422
    title = "Letters are not carried on that day"
    next_action = "Choose a workday between today and a month from now."
    next_action_id = "Pilih hari kerja mulai hari ini, paling lama sebulan ke depan."


class NobodyToWriteTo(Refusal):
    """Nobody is due in the wards asked for: all were written to, answered, or are recorded."""

    code, status = "nobody-to-write-to", 409
    title = "Nobody is due a letter there on that day"
    next_action = "Choose another ward, or wait until letters may be repeated."
    next_action_id = "Pilih kelurahan lain, atau tunggu sampai surat boleh diulang."


class AlreadyRecorded(Refusal):
    """The person was recorded meanwhile: there is nothing more to find out."""

    code, status = "already-recorded", 409
    title = "This person is recorded"
    next_action = "Nothing: the person is on the list of the unrecorded no longer."
    next_action_id = "Tidak perlu apa-apa: penduduk ini sudah merekam."


class SearchClosed(Refusal):
    """The search for this person is closed; what is heard now needs it open."""

    code, status = "search-closed", 409
    title = "The search for this person is closed"
    next_action = "Open it again, saying why, then note what was heard."
    next_action_id = "Buka kembali pencariannya dengan alasan, lalu catat keadaannya."


class SearchNotClosed(Refusal):
    """Only a closed search can be opened again."""

    code, status = "search-not-closed", 409
    title = "The search for this person is open"
    next_action = "Nothing: note what is heard."
    next_action_id = "Tidak perlu dibuka: catat saja keadaannya."


class NoteDiffers(Refusal):
    """This id holds something else that was noted before. Nothing was overwritten."""

    code, status = "note-differs", 409
    title = "This id already holds another note"
    next_action = "Give the new note an id of its own."
    next_action_id = "Beri catatan baru nomor sendiri."


class HeardOnADayToCome(Refusal):
    """What was heard carries a day that has not come, or one long past."""

    code, status = "heard-on-a-day-to-come", 422
    title = "The day it was heard is in the future, or more than two years ago"
    next_action = "Correct the day."
    next_action_id = "Perbaiki tanggalnya."
