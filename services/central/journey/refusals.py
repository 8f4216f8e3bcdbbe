"""Why a recording is not decided again now. Whoever lets people decide may meet these."""

from shared.refusals import Refusal


class NotUndecided(Refusal):
    """Nothing waits for such a word: the recording is decided, or waits for another one."""

    code, status = "not-undecided", 409
    title = "This recording does not wait for that"
    next_action = "Load it again: somebody was faster, or its last decision is of another kind."
    next_action_id = "Muat ulang: sudah ada yang lebih dahulu, atau putusannya berbeda."


class CentreWaits(Refusal):
    """The centre was restored and awaits regions: until then no fresh permission leaves."""

    code, status = "centre-waits", 409
    title = "The centre waits for regions after a restore"
    next_action = "Say it again when all regions have handed back what they hold; see the barrier."
    next_action_id = "Ulangi setelah semua daerah selesai sinkron; lihat daftar yang ditunggu."
