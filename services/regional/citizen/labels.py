"""What the smaller things are called to a citizen: findings, steps, actors, queues, causes."""

from collections.abc import Mapping

from services.regional.citizen.rules import (
    Actor,
    JourneyStep,
    NoRange,
    QueueName,
    StepState,
    WaitStage,
)
from services.regional.journey.overtakes import OvertakeCause
from shared.pages.language import N_

# What the centre found, in words that accuse nobody. Codes are open: others keep the outcome's.
REASONS: Mapping[str, str] = {
    "incomplete": N_("Sebagian data tidak sampai di pusat."),
    "unreadable": N_("Data yang tiba di pusat tidak terbaca."),
    "no-templates": N_("Data iris tidak sampai di pusat."),
    "not-confirmed": N_("Kantor ini memeriksa ulang dan tidak dapat memastikan perekaman itu."),
    "search-impossible": N_("Mesin pencari di pusat tidak dapat bekerja saat itu."),
    "same-nik": N_("NIK ini sudah mempunyai perekaman yang berlaku."),
    "same-nik-other-irises": N_(
        "NIK ini sudah mempunyai perekaman yang berlaku, dengan iris yang lain."
    ),
    "same-irises": N_("Iris Anda sama dengan iris pada perekaman lain."),
    "adjudicated": N_("Dua petugas di pusat memutuskan kedua perekaman milik satu orang."),
    "resembling": N_("Iris Anda mirip dengan iris pada perekaman lain."),
    "biometric-exception": N_(
        "Iris tidak dapat diambil, sehingga petugas memeriksa dengan cara lain."
    ),
    "contested-after-restore": N_(
        "Setelah gangguan di pusat, dua perekaman atas satu NIK harus dibandingkan."
    ),
    "unreadable-template": N_("Iris perlu diambil ulang agar terbaca di pusat."),
    "operator-irises": N_("Data iris perlu dipastikan milik Anda sendiri."),
    "poor-quality": N_("Gambar iris kurang jelas."),
    "sex-differs": N_("Jenis kelamin dan foto pada data perlu dipastikan."),
    "set-aside": N_("Pusat belum dapat memproses perekaman ini."),
}

STEPS: Mapping[JourneyStep, str] = {
    JourneyStep.RECORDED: N_("Direkam di kantor atau di lapangan"),
    JourneyStep.SENT: N_("Dikirim ke pusat"),
    JourneyStep.CHECKED: N_("Diperiksa pusat: satu orang, satu perekaman"),
    JourneyStep.PERMITTED: N_("Diizinkan dicetak"),
    JourneyStep.PRINTED: N_("Kartu dicetak"),
    JourneyStep.HANDED_OVER: N_("Kartu diserahkan kepada Anda"),
}
STEP_STATES: Mapping[StepState, str] = {
    StepState.DONE: N_("selesai"),
    StepState.NOW: N_("sekarang"),
    StepState.STUCK: N_("tertahan"),
    StepState.LATER: N_("nanti"),
}
ACTORS: Mapping[Actor, str] = {
    Actor.YOU: N_("Anda"),
    Actor.OFFICE: N_("kantor ini"),
    Actor.OFFICE_ELSEWHERE: N_("kantor daerah tempat tinggal Anda yang baru"),
    Actor.CENTRE: N_("pusat"),
    Actor.OFFICERS_AT_THE_CENTRE: N_("dua petugas di pusat"),
    Actor.TIME: N_("tidak seorang pun; ini berakhir dengan sendirinya"),
    Actor.NOBODY: N_("tidak seorang pun"),
}
NO_RANGES: Mapping[NoRange, str] = {
    NoRange.TOO_FEW: N_("Belum diketahui: terlalu sedikit contoh di kantor ini."),
    NoRange.LONGER_THAN_SEEN: N_(
        "Belum diketahui: ini sudah lebih lama daripada hampir semua yang selesai 30 hari terakhir."
    ),
    NoRange.LINE_DOWN: N_("Belum diketahui: tergantung kapan jalur pulih."),
    NoRange.OTHERS: N_("Belum diketahui: tergantung kapan ada yang bertindak."),
    NoRange.YOURS: N_("Tergantung Anda."),
}
PLACES: Mapping[QueueName, str] = {
    QueueName.LINE: N_("dalam antrean kirim ke pusat"),
    QueueName.CENTRE: N_("yang belum diputuskan pusat, dari daerah ini"),
    QueueName.PRINTING: N_("dalam antrean cetak"),
}
OVERTAKES: Mapping[OvertakeCause, str] = {
    OvertakeCause.LATE_ARRIVAL: N_(
        "Perekamannya tiba lebih lambat di antrean kantor ini, "
        "misalnya dibawa pulang oleh tim lapangan."
    ),
    OvertakeCause.PEOPLE: N_("Perekamannya harus dibandingkan oleh dua petugas di pusat."),
    OvertakeCause.SEARCH: N_("Pencarian di pusat harus diulang."),
    OvertakeCause.OFFICE: N_("Kantor ini harus memeriksa ulang."),
    OvertakeCause.CITIZEN: N_("Orangnya harus datang dan memilih lebih dahulu."),
    OvertakeCause.SET_ASIDE: N_("Pusat mula-mula tidak dapat memproses perekamannya."),
    OvertakeCause.PROGRAM: N_("Jawaban pusat tertahan sampai program kantor ini diperbarui."),
    OvertakeCause.UNEXPLAINED: N_("Sebabnya tidak diketahui. Kantor ini harus menjelaskannya."),
}
# The same, said to whom it happened to.
EARLIER: Mapping[OvertakeCause, str] = {
    OvertakeCause.LATE_ARRIVAL: N_(
        "Perekaman Anda tiba lebih lambat di antrean kantor ini, "
        "misalnya dibawa pulang oleh tim lapangan."
    ),
    OvertakeCause.PEOPLE: N_("Perekaman Anda harus dibandingkan oleh dua petugas di pusat."),
    OvertakeCause.SEARCH: N_("Pencarian untuk Anda di pusat harus diulang."),
    OvertakeCause.OFFICE: N_("Kantor ini harus memeriksa data Anda sekali lagi."),
    OvertakeCause.CITIZEN: N_("Anda diminta datang dan memilih lebih dahulu."),
    OvertakeCause.SET_ASIDE: N_("Pusat mula-mula tidak dapat memproses perekaman Anda."),
    OvertakeCause.PROGRAM: N_("Jawaban untuk Anda tertahan sampai program kantor ini diperbarui."),
    OvertakeCause.UNEXPLAINED: N_(
        "Sebabnya tidak diketahui; Anda berhak meminta penjelasan di kantor ini."
    ),
}
WAITS: Mapping[WaitStage, str] = {
    WaitStage.LINE: N_("Jalur: dari direkam sampai diterima pusat"),
    WaitStage.CENTRE: N_("Ketunggalan: dari diterima sampai diputuskan pusat"),
    WaitStage.PEOPLE: N_("Orang: dibandingkan oleh dua petugas di pusat"),
    WaitStage.SEARCH: N_("Pencarian diulang di pusat"),
    WaitStage.OFFICE: N_("Diperiksa ulang oleh kantor ini"),
    WaitStage.CITIZEN: N_("Menunggu orangnya datang dan memilih"),
    WaitStage.PRINTING: N_("Blangko: dari izin sampai kartu dicetak"),
    WaitStage.FRESH: N_("Izin baru setelah blangko rusak"),
    WaitStage.COLLECTION: N_("Pengambilan: dari dicetak sampai diserahkan"),
}
# Why a card was printed before older permissions; a newer desk may know more of them.
GROUNDS: Mapping[str, str] = {
    "first-card": N_("kartu pertama"),
    "suket-expiring": N_("suket hampir berakhir"),
    "medical": N_("berobat"),
    "exam": N_("ujian"),
    "work": N_("pekerjaan"),
    "travel": N_("perjalanan"),
    "court": N_("sidang"),
    "disability": N_("disabilitas"),
    "far-away": N_("rumah jauh"),
    "office-error": N_("kesalahan kantor"),
}
