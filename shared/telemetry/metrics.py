"""Metrics, by the names Prometheus and OpenTelemetry users expect; labels never hold an id."""

from prometheus_client import Counter, Gauge, Histogram

REQUEST_SECONDS = Histogram(
    "http_server_request_duration_seconds",
    "Time from the request's head to the answer's last byte.",
    ["http_route", "http_request_method", "http_response_status_code"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
REQUESTS_LIMITED = Counter(
    "tunggal_requests_limited", "Requests refused for their number, by what they count to.", ["by"]
)
CONNECTIONS_OPEN = Gauge("tunggal_connections_items", "Connections that are open now.")
CONNECTIONS_CLOSED = Counter(
    "tunggal_connections_closed",
    "Connections we ended: a late head, silence, an answer nobody reads, or too many.",
    ["why"],
)
UPLINK_ATTEMPTS = Counter(
    "tunggal_uplink_attempts", "Batches offered to the centre, by what came back.", ["outcome"]
)
UPLINK_SENT_BYTES = Counter("tunggal_uplink_sent_bytes", "Bytes the centre has receipted.")
OUTBOX_ITEMS = Gauge("tunggal_outbox_items", "Envelopes in the outbox, by state.", ["state"])
OUTBOX_OLDEST_SECONDS = Gauge(
    "tunggal_outbox_oldest_age_seconds", "Age of the oldest envelope the centre does not hold."
)
FEED_LAG_ENTRIES = Gauge("tunggal_feed_lag_entries", "Feed entries known of but not applied.")
EVIDENCE_ATTEMPTS = Counter(
    "tunggal_evidence_attempts",
    "Questions about images and pieces of them sent to the centre, by what came back.",
    ["move", "outcome"],
)
EVIDENCE_SENT_BYTES = Counter(
    "tunggal_evidence_sent_bytes", "Bytes of images the centre has synced."
)
EVIDENCE_WAITING = Gauge(
    "tunggal_evidence_waiting_items", "Images a region holds and the centre does not."
)
EVIDENCE_OVERDUE = Gauge(
    "tunggal_evidence_overdue_items", "Recordings that lack images past their time."
)
EVIDENCE_RESTARTS = Counter(
    "tunggal_evidence_restarts", "Images that came whole with another hash, and began again."
)
LINE_UP = Gauge("tunggal_line_up", "1 while the centre answers, 0 while it does not.")
DISK_RECORDINGS_LEFT = Gauge(
    "tunggal_disk_recordings_left", "Recordings that still fit above the disk's reserve."
)
DISK_TAKES_RECORDINGS = Gauge(
    "tunggal_disk_takes_recordings", "1 while new recordings are taken, 0 while there is no room."
)
PRINT_PERMISSIONS = Counter(
    "tunggal_print_permissions", "Print authorizations, by what was done with them.", ["outcome"]
)
PERMISSIONS_EXPIRING = Gauge(
    "tunggal_permissions_expiring_items",
    "Unspent print authorizations that end within 60 days, or have ended.",
)
CARDS_TO_WITHDRAW = Gauge(
    "tunggal_cards_to_withdraw_items", "Cards out on a permission that was taken back."
)
HOOK_DELIVERIES = Counter(
    "tunggal_hook_deliveries", "Tries to tell a gateway, by how they ended.", ["outcome"]
)
BREACHES_OVERDUE = Gauge(
    "tunggal_breaches_overdue_items",
    "Incidents with personal data whose 72 hours are over while somebody was not told.",
)
RETENTION_REMOVED = Counter(
    "tunggal_retention_removed_rows", "Rows that went because their time was over.", ["kind"]
)
RETENTION_DUE = Gauge(
    "tunggal_retention_due_rows", "Rows past their time after the last turn.", ["kind"]
)
SETTLED = Counter("tunggal_settled_envelopes", "Envelopes the centre has settled.")
SETTLE_SECONDS = Histogram(
    "tunggal_uniqueness_check_duration_seconds",
    "Time to settle one region's share of a round.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
WAITING_AT_CENTRE = Gauge(
    "tunggal_intake_waiting_items", "Envelopes held by the centre and not settled, all regions."
)
SET_ASIDE = Gauge(
    "tunggal_set_aside_items",
    "Envelopes and entries that are kept and not acted on, by their note.",
    ["note"],
)
ABIS_BEHIND = Gauge(
    "tunggal_abis_behind_rows", "Rows of the gallery that the ABIS has not been told yet."
)
KEY_EXPIRES_SECONDS = Gauge(
    "tunggal_key_expires_seconds",
    "Seconds until a key or certificate of this server ends; below 0 afterwards.",
    ["what"],
)
REGION_KEYS = Gauge(
    "tunggal_region_keys",
    "Keys that regions handed in, by how they stand; pending ones wait for officers.",
    ["state"],
)
REGIONS_AWAITED = Gauge(
    "tunggal_regions_awaited", "Regions a restored centre waits for; above 0 nothing is settled."
)
ADJUDICATION_CASES = Gauge(
    "tunggal_adjudication_items",
    "Cases that wait for people: open, overdue of those, and disputed.",
    ["state"],
)
ADJUDICATION_OLDEST_SECONDS = Gauge(
    "tunggal_adjudication_oldest_age_seconds", "Age of the oldest open case."
)
ADJUDICATION_VERDICTS = Counter(
    "tunggal_adjudication_verdicts", "Cases settled by two officers, by verdict.", ["verdict"]
)
AUDITED_SEARCHES = Gauge(
    "tunggal_audited_searches_items",
    "Searches made anew in full in the last 30 days, by whether the audit agrees.",
    ["result"],
)
AUDIT_DOUBTS = Gauge(
    "tunggal_audit_doubts_items",
    "Signed checkpoints of the centre's audit that cannot all be true; none is ever removed.",
)
MEASURES_FAILED = Counter(
    "tunggal_measures_failed", "Scrapes whose gauges are old, because they could not be measured."
)
BUILD = Gauge("tunggal_build_info", "1, with the version running.", ["version", "service"])
