#!/usr/bin/env bash
# Smoke test of a running `docker compose up`: record -> permission -> print, over the published ports,
# with the line cut once on the way. No load. Needs python3 on this machine; the person is invented.
set -euo pipefail
cd "$(dirname "$0")/.."

token() { docker compose exec -T regional tunggal token --subject smoke "$@"; }

OFFICER=$(token --role officer)
PRINTER=$(token --role printer)
export OFFICER PRINTER
python3 - <<'PYTHON'
import base64
import copy
import hashlib
import json
import os
import random
import sys
import time
import urllib.error
import urllib.request
import uuid

REGION, CENTRE, LINE = (f"http://127.0.0.1:{port}" for port in (8710, 8700, 8474))
SECONDS_MAX = 90  # the first search of a fresh container waits for its kernels to be compiled
NOTHING_BETWEEN = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def call(method, address, body=None, role=None):
    """Status and JSON (or text) of one call."""
    asked = urllib.request.Request(address, method=method)
    if isinstance(body, bytes):
        asked.data = body
        asked.add_header("content-type", "application/octet-stream")
    elif body is not None:
        asked.data = json.dumps(body).encode()
        asked.add_header("content-type", "application/json")
    if role is not None:
        asked.add_header("authorization", "Bearer " + os.environ[role].strip())
    try:
        with NOTHING_BETWEEN.open(asked, timeout=10) as answer:
            status, text = answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        status, text = refused.code, refused.read().decode()
    try:
        return status, json.loads(text)
    except ValueError:
        return status, text


def expect(wanted, status, answer, what):
    if status != wanted:
        sys.exit(f"FAILED  {what}: {status} where {wanted} was expected\n{answer}")
    print(f"ok      {what}", flush=True)
    return answer


def wait_until(what, question):
    began = time.monotonic()
    while time.monotonic() - began < SECONDS_MAX:
        if found := question():
            print(f"ok      {what} ({time.monotonic() - began:.1f} s)", flush=True)
            return found
        time.sleep(0.1)
    sys.exit(f"FAILED  {what}: not within {SECONDS_MAX} s")


def status_of(recording_id):
    return call("GET", f"{REGION}/v1/recordings/{recording_id}", role="OFFICER")[1]


def switch_line(is_enabled):
    return call("POST", f"{LINE}/proxies/singkawang", {"enabled": is_enabled})


for name, server in (("centre", CENTRE), ("region", REGION)):
    expect(200, *call("GET", f"{server}/readyz"), f"the {name} is ready")
    expect(200, *call("GET", f"{server}/docs"), f"the {name} shows its API pages")

recording_id = str(uuid.uuid4())
draw = random.SystemRandom()
nik = f"617202{draw.randint(41, 68)}0790{draw.randint(1, 9999):04d}"  # a woman born in July 1990
content = {
    "presence": "in_person",
    "captured_at": "2017-10-13T09:15:00+07:00",
    "captured_by": "officer-12",
    "station": "smoke-1",
    "place": "office",
    "card": {
        "nik": nik,
        "name": "CONTOH SINTETIS",
        "birth_place": "SINGKAWANG",
        "birth_date": f"1990-07-{int(nik[6:8]) - 40:02d}",
        "sex": "female",
        "blood_group": "unknown",
        "address": {"street": "JALAN CONTOH 7", "rt": "003", "rw": "001", "ward": "61.72.02.1001"},
        "religion": "buddhist",
        "marital_status": "never_married",
        "occupation": "PEDAGANG",
        "citizenship": "indonesian",
    },
    "mother_name": "IBU CONTOH",
    "family_card": "6172020101150007",
    "biometrics": {
        "images": {
            part: hashlib.sha256(part.encode()).hexdigest()
            for part in (
                "face signature iris_left iris_right "
                "left_thumb left_index left_middle left_ring left_little "
                "right_thumb right_index right_middle right_ring right_little"
            ).split()
        }
    },
}
for eye in ("iris_left", "iris_right"):  # noise is unlike everybody else's; every bit is trusted
    template = base64.b64encode(draw.randbytes(2_048) + b"\xff" * 2_048).decode()
    content["biometrics"].setdefault("templates", {})[eye] = {
        "format": "open-iris.v1",
        "data": template,
    }
recording = f"{REGION}/v1/recordings/{recording_id}"

expect(401, *call("PUT", recording, content), "recording without a token is refused")
expect(403, *call("PUT", recording, content, "PRINTER"), "recording as a printer is refused")

expect(200, *switch_line(False), "the line is cut")
try:
    receipt = expect(202, *call("PUT", recording, content, "OFFICER"), "recorded with the line cut")
    again = expect(202, *call("PUT", recording, content, "OFFICER"), "recorded again: no harm")
    if receipt != again:
        sys.exit("FAILED  the second receipt differs from the first")
    expect(200, *call("GET", f"{REGION}/readyz"), "the region is ready with the line cut")
    stage = status_of(recording_id)["stage"]
    if stage not in ("queued", "sent"):
        sys.exit(f"FAILED  the recording is {stage}, over a line that is cut")
finally:
    expect(200, *switch_line(True), "the line is restored")

face = f"{recording}/evidence/face"
expect(422, *call("PUT", face, b"another", "OFFICER"), "another image than named is refused")
expect(200, *call("PUT", face, b"face", "OFFICER"), "an image is handed in")


def state_of_face():
    parts = call("GET", f"{recording}/evidence", role="OFFICER")[1]["parts"]
    return next(one["state"] for one in parts if one["part"] == "face")


wait_until("the centre has the image", lambda: state_of_face() == "received")
wait_until("permitted by the centre", lambda: status_of(recording_id)["stage"] == "printable")


def own_permission():
    cursor = ""
    while True:
        _, page = call("GET", f"{REGION}/v1/print-authorizations?limit=100{cursor}", role="PRINTER")
        for one in page["items"]:
            if one["recording_id"] == recording_id:
                return one["authorization_id"]
        if page["next_cursor"] is None:
            return None
        cursor = f"&cursor={page['next_cursor']}"


spend = f"{REGION}/v1/print-authorizations/{wait_until('permission found', own_permission)}/spend"
blank = "SMOKE-" + recording_id[:8]
card = expect(200, *call("POST", spend, {"blank_serial": blank}, "PRINTER"), "permission spent")
if card["card"]["nik"] != nik:
    sys.exit("FAILED  the card is somebody else's")
expect(
    409,
    *call("POST", spend, {"blank_serial": blank + "-2"}, "PRINTER"),
    "spending it again is refused",
)
cards = f"{REGION}/v1/cards/{blank}"
expect(200, *call("POST", f"{cards}/result", {"result": "printed"}, "PRINTER"), "card printed")
expect(200, *call("POST", f"{cards}/issue", role="OFFICER"), "card handed over")
told = status_of(recording_id)["official_status"]
if told != "CARD_ISSUED":
    sys.exit(f"FAILED  the status is {told} where CARD_ISSUED was expected")

again_id, again = str(uuid.uuid4()), copy.deepcopy(content)
again["card"]["nik"] = nik[:-4] + f"{int(nik[-4:]) % 9999 + 1:04d}"
twice = f"{REGION}/v1/recordings/{again_id}"
expect(202, *call("PUT", twice, again, "OFFICER"), "recorded once more, under another NIK")
wait_until(
    "the same irises are found",
    lambda: status_of(again_id)["official_status"] == "DUPLICATE_RECORD",
)
print("smoke   passed: recorded, permitted, printed once, handed over, and unique", flush=True)
PYTHON
