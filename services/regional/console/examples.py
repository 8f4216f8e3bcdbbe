"""What the pages of the API show of the console's answers. Every person is invented."""

from typing import Any

_RECORDING = "01890a5d-ac96-774b-bcce-b302099a8057"
_ROW: dict[str, Any] = {
    "recording_id": _RECORDING,
    "since": "2017-10-13T02:15:09Z",
    "place": "office",
    "ward": "61.72.02.1001",
}
_NONE: dict[str, Any] = {"count": 0, "first": []}

WORK_EXAMPLE: dict[str, Any] = {
    "today": "2017-10-13",
    "recorded": {"count": 23, "first": [_ROW]},
    "unsent": {"count": 4, "first": [_ROW]},
    "undecided": _NONE,
    "problems": {
        "count": 1,
        "first": [
            {
                **_ROW,
                "outcome": "ENROLL_FAILURE_AT_CENTRAL",
                "remedy": "record_again",
                "next_action": "Record the person again: what arrived was incomplete or "
                "unreadable.",
                "next_action_id": "Rekam ulang: data yang tiba tidak lengkap atau tidak terbaca.",
            }
        ],
    },
    "with_others": _NONE,
    "at_least": False,
    "printable": {"count": 120, "first": [_ROW]},
    "held": 6,
    "uncollected": {"count": 9, "first": [_ROW]},
    "to_withdraw": 0,
    "images_overdue": 0,
    "deletions_asked": 0,
    "refused_for_good": 0,
}
LINE_EXAMPLE: dict[str, Any] = {
    "since": "2017-10-12T05:00:00Z",
    "until": "2017-10-13T05:00:00Z",
    "outages": 1,
    "down_seconds": 3600,
    "slow_seconds": 0,
    "unseen_seconds": 0,
    "longest_seconds": 3600,
    "spells": [
        {
            "seen": "up",
            "began_at": "2017-10-12T05:00:00Z",
            "ended_at": "2017-10-13T01:00:00Z",
        },
        {
            "seen": "down",
            "began_at": "2017-10-13T01:00:00Z",
            "ended_at": "2017-10-13T02:00:00Z",
        },
        {
            "seen": "up",
            "began_at": "2017-10-13T02:00:00Z",
            "ended_at": "2017-10-13T05:00:00Z",
        },
    ],
    "columns": [{"began_at": "2017-10-12T05:00:00Z", "waiting_max": 12, "carried_bytes": 184_220}],
}
DESK_EXAMPLE: dict[str, Any] = {
    "advice": "record",
    "may_record": True,
    "recordable_on": None,
    "printable_on": None,
    "warnings": [],
    "ward": "61.72.02.1001",
    "recording_id": None,
    "official_status": None,
    "earlier": [],
    "letters": 1,
    "lettered_on": "2017-10-02",
    "whereabouts": None,
    "search_closed": None,
}
DOSSIER_EXAMPLE: dict[str, Any] = {
    "recording_id": _RECORDING,
    "seq": 1204,
    "captured_at": "2017-10-13T02:14:55Z",
    "recorded_at": "2017-10-13T02:15:09Z",
    "officer": "officer-12",
    "place": "office",
    "ward": "61.72.02.1001",
    "is_live": True,
    "events": [
        {"at": "2017-10-13T02:14:55Z", "kind": "captured", "details": {}},
        {"at": "2017-10-13T02:15:09Z", "kind": "recorded", "details": {}},
        {"at": "2017-10-13T02:15:11Z", "kind": "received", "details": {"attempts": "1"}},
    ],
    "images": [
        {
            "part": "face",
            "size_bytes": 81_204,
            "handed_in_at": "2017-10-13T02:16:00Z",
            "received_at": None,
            "is_damaged": False,
        }
    ],
    "images_overdue": 0,
}
