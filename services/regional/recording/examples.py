"""Examples for the OpenAPI pages. The person is invented."""

from typing import Any

from shared.contracts.recording import Modality

CONTENT_EXAMPLE: dict[str, Any] = {
    "presence": "in_person",
    "captured_at": "2017-10-13T09:15:00+07:00",
    "captured_by": "officer-12",
    "station": "singkawang-barat-1",
    "place": "office",
    "card": {
        "nik": "6172025207900003",
        "name": "CONTOH SINTETIS",
        "birth_place": "SINGKAWANG",
        "birth_date": "1990-07-12",
        "sex": "female",
        "blood_group": "unknown",
        "address": {
            "street": "JALAN CONTOH 7",
            "rt": "003",
            "rw": "001",
            "ward": "61.72.02.1001",
        },
        "religion": "buddhist",
        "marital_status": "never_married",
        "occupation": "PEDAGANG",
        "citizenship": "indonesian",
    },
    "mother_name": "IBU CONTOH",
    "family_card": "6172020101150007",
    "biometrics": {
        "images": {modality.value: "5e" * 32 for modality in Modality if modality != "iris_left"},
        "templates": {"iris_right": {"format": "opaque-1", "data": "c2ludGV0aXM="}},
        "exceptions": {"iris_left": "unreadable"},
    },
}
BULK_EXAMPLE: dict[str, Any] = {
    "recordings": [{"recording_id": "01890a5d-ac96-774b-bcce-b302099a8057", **CONTENT_EXAMPLE}]
}
