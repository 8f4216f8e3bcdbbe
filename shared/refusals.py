"""Refusals: understood, not done, and said so kindly (RFC 9457).

A refusal has a stable code, a status, a page on the same server, and what a person does next.
Nothing a client sent is ever repeated in it: not a NIK, not a name, not a value that failed.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from structlog.contextvars import get_contextvars

MEDIA_TYPE = "application/problem+json"
ERRORS_SHOWN_MAX = 20
PARAMETER_KINDS = frozenset({"query", "path", "header", "cookie"})
_registry: dict[str, type["Refusal"]] = {}


class Refusal(Exception):
    """Something was understood and will not be done."""

    code: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]
    next_action: ClassVar[str]
    next_action_id: ClassVar[str]
    always_headers: ClassVar[Mapping[str, str]] = {}

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(self.code)
        self.detail = detail
        self.errors = list(errors)
        self.extra = dict(extra or {})
        self.headers = {**self.always_headers, **(headers or {})}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        known = _registry.setdefault(cls.code, cls)
        if known.__qualname__ != cls.__qualname__ or known.__module__ != cls.__module__:
            raise TypeError(f"two refusals with the code {cls.code}: {known} and {cls}")


class FieldFault(BaseModel):
    pointer: str = Field(description="JSON pointer to the place (RFC 6901)")
    detail: str = Field(description="The kind of fault; never the value")


class Problem(BaseModel):
    """A problem document (RFC 9457). Further members may stand beside these."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="Address of a readable page on this server")
    title: str
    status: int
    detail: str | None = None
    instance: str | None = Field(None, description="The path that was asked")
    code: str = Field(description="Stable: clients may branch on it")
    next_action: str = Field(description="What a person does next")
    next_action_id: str = Field(description="The same in Indonesian")
    errors: list[FieldFault] = Field(default_factory=list)
    trace_id: str | None = Field(None, description="Name it when asking for help")


def known_refusals() -> list[type[Refusal]]:
    """All refusals this process knows, by code: each has a page."""
    return [_registry[code] for code in sorted(_registry)]


def refusal_by_code(code: str) -> type[Refusal] | None:
    return _registry.get(code)


def problem_of(refusal: Refusal, instance: str | None) -> dict[str, Any]:
    """The document, ready to be encoded. `instance` is a path, which holds ids only."""
    return {
        "type": f"/problems/{refusal.code}",
        "title": refusal.title,
        "status": refusal.status,
        "detail": refusal.detail,
        "instance": instance,
        "code": refusal.code,
        "next_action": refusal.next_action,
        "next_action_id": refusal.next_action_id,
        "errors": refusal.errors,
        "trace_id": get_contextvars().get("trace_id"),
        **refusal.extra,
    }


def problem_responses(*refusals: type[Refusal]) -> dict[int | str, dict[str, Any]]:
    """For `responses=` of an operation: one entry per status, an example per code."""
    found: dict[int | str, dict[str, Any]] = {}
    for refusal in refusals:
        entry = found.setdefault(
            refusal.status,
            {
                "model": Problem,
                "description": "",
                "content": {MEDIA_TYPE: {"examples": {}}},
            },
        )
        titles = [text for text in (entry["description"], refusal.title) if text]
        entry["description"] = "; ".join(titles)
        entry["content"][MEDIA_TYPE]["examples"][refusal.code] = {
            "value": problem_of(refusal(), None)
        }
    return found


class InvalidInput(Refusal):
    """The request does not have the shape this operation takes; `errors` names the places.

    Only places and kinds of fault are told: what was sent is not repeated, it may be personal.
    """

    code, status = "invalid-input", 422
    title = "The request does not have the right shape"
    next_action = "Correct the places named in errors and send again."
    next_action_id = "Perbaiki bagian yang disebut pada errors lalu kirim ulang."

    @classmethod
    def of(cls, faults: ValidationError) -> "InvalidInput":
        return cls.from_errors(
            faults.errors(include_url=False, include_context=False, include_input=False)
        )

    @classmethod
    def from_errors(cls, errors: Sequence[Any]) -> "InvalidInput":
        """From pydantic's list of errors, as FastAPI hands it on."""
        told = [
            {"pointer": _pointer(error["loc"], error["type"]), "detail": str(error["type"])}
            for error in errors[:ERRORS_SHOWN_MAX]
        ]
        places = "1 place does" if len(errors) == 1 else f"{len(errors)} places do"
        return cls(f"{places} not fit.", errors=told)


def _pointer(place: Sequence[int | str], kind: str) -> str:
    """`/member/0` within a body, `/query/limit` for a parameter; "?" for a word of the client's."""
    if kind == "json_invalid":
        return ""
    inside = place[1:] if place[:1] == ("body",) else place
    # A parameter's name is declared by us; a body's member may be a name the client made up.
    is_declared = len(place) == 2 and place[0] in PARAMETER_KINDS and kind != "extra_forbidden"
    return "".join(
        f"/{part}" if is_declared or isinstance(part, int) or _is_ours(part) else "/?"
        for part in inside
    )


@lru_cache(maxsize=1_024)
def _is_ours(part: str) -> bool:
    """Whether some model here has a member of this name: the only words that are repeated."""
    return part in PARAMETER_KINDS or any(part in names for names in _member_names(BaseModel))


def _member_names(model: type[BaseModel]) -> Iterator[set[str]]:
    for heir in model.__subclasses__():
        fields = heir.model_fields
        yield set(fields) | {field.alias for field in fields.values() if field.alias}
        yield from _member_names(heir)


class MalformedRequest(Refusal):
    """The request could not be read as HTTP or as the text it says it is."""

    code, status = "malformed-request", 400
    title = "The request cannot be read"
    next_action = "Send a well-formed request; the API pages have examples."
    next_action_id = "Kirim permintaan yang benar bentuknya; lihat contoh pada halaman API."


class Unauthenticated(Refusal):
    """No token, or one that is expired, forged, for another purpose, or of an unknown key."""

    code, status = "unauthenticated", 401
    title = "Say who you are"
    next_action = "Get a fresh token and send it as `Authorization: Bearer …`."
    next_action_id = "Ambil token baru dan kirim sebagai `Authorization: Bearer …`."
    always_headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": "Bearer"}


class Forbidden(Refusal):
    """The token is good, but its role or region does not allow this."""

    code, status = "forbidden", 403
    title = "Your role does not allow this"
    next_action = "Ask somebody whose role is named in needs."
    next_action_id = "Minta bantuan petugas dengan peran yang disebut pada needs."


class NotFound(Refusal):
    """There is no such thing here, or no such address."""

    code, status = "not-found", 404
    title = "Not found"
    next_action = "Check the id or the address."
    next_action_id = "Periksa nomor atau alamatnya."


class MethodNotAllowed(Refusal):
    """The address exists, but not with this method."""

    code, status = "method-not-allowed", 405
    title = "This address does not take this method"
    next_action = "Use one of the methods in the Allow header."
    next_action_id = "Gunakan metode yang ada pada header Allow."


class RequestTooSlow(Refusal):
    """The body did not arrive in time."""

    code, status = "request-too-slow", 408
    title = "The request took too long to arrive"
    next_action = "Send again; on a slow line send fewer recordings at once."
    next_action_id = "Kirim ulang; pada jaringan lambat kirim lebih sedikit sekaligus."
    # The rest of the body is not read, so the connection cannot be used again.
    always_headers: ClassVar[Mapping[str, str]] = {"Connection": "close"}


class BodyTooLarge(Refusal):
    """The body is larger than this operation takes."""

    code, status = "body-too-large", 413
    title = "The body is too large"
    next_action = "Send less at once; the API page of the operation tells the limit."
    next_action_id = "Kirim lebih sedikit; batasnya tertulis pada halaman API."


class UnsupportedMediaType(Refusal):
    """The body is of another kind than this operation reads."""

    code, status = "unsupported-media-type", 415
    title = "This kind of body is not taken here"
    next_action = "Set the Content-Type header that the API page names."
    next_action_id = "Atur header Content-Type sesuai halaman API."


class EncodedBody(UnsupportedMediaType):
    """The body is compressed. Nothing is unpacked here: a small body could become a huge one."""

    code = "encoded-body"
    title = "Compressed bodies are not taken here"
    next_action = "Send the body as it is, without a Content-Encoding header."
    next_action_id = "Kirim isi apa adanya, tanpa header Content-Encoding."


class TooManyRequests(Refusal):
    """More was asked from one address, by one bearer or by one region than its pace allows.

    Nothing of the request was kept. Signed batches and recordings with a good token are not counted
    to the address they come from.
    """

    code, status = "too-many-requests", 429
    title = "Too many requests"
    next_action = "Wait as long as Retry-After says, then send the same request again."
    next_action_id = "Tunggu selama waktu pada Retry-After, lalu kirim ulang."
    always_headers: ClassVar[Mapping[str, str]] = {"Retry-After": "1"}


class InternalError(Refusal):
    """A fault of the program. It has been logged under the trace id; nothing more is told."""

    code, status = "internal-error", 500
    title = "The program failed"
    next_action = "Try once more; if it fails again, tell operations the trace_id."
    next_action_id = "Coba sekali lagi; bila gagal lagi, sampaikan trace_id ke bagian operasi."


class TooBusy(Refusal):
    """More is waiting than this server takes on. Nothing of the request was kept."""

    code, status = "too-busy", 503
    title = "Too much is waiting"
    next_action = "Send the same request again after the seconds in Retry-After."
    next_action_id = "Kirim ulang permintaan yang sama setelah jeda pada Retry-After."
    always_headers: ClassVar[Mapping[str, str]] = {"Retry-After": "2"}


class DatabaseUnavailable(Refusal):
    """The database does not answer. Nothing was accepted that could be lost."""

    code, status = "database-unavailable", 503
    title = "The database does not answer"
    next_action = "Send the same request again later; nothing was lost or done twice."
    next_action_id = "Kirim ulang nanti; tidak ada yang hilang atau tercatat dua kali."
    always_headers: ClassVar[Mapping[str, str]] = {"Retry-After": "5"}


class BusyTryAgain(Refusal):
    """Two requests met in the database and this one gave way. Nothing of it was kept."""

    code, status = "busy-try-again", 503
    title = "Somebody else was changing the same thing"
    next_action = "Send the same request again."
    next_action_id = "Kirim ulang permintaan yang sama."
    always_headers: ClassVar[Mapping[str, str]] = {"Retry-After": "1"}


class TokenKeysUnavailable(Refusal):
    """The public keys of the token issuer cannot be read, so no token can be checked."""

    code, status = "token-keys-unavailable", 503
    title = "Tokens cannot be checked at the moment"
    next_action = (
        "Send again later; if it stays, tell operations to look at the token_jwks setting."
    )
    next_action_id = "Kirim ulang nanti; bila tetap, minta bagian operasi memeriksa token_jwks."
    always_headers: ClassVar[Mapping[str, str]] = {"Retry-After": "5"}


class StorageReadOnly(Refusal):
    """The database is read-only, so nothing can be promised."""

    code, status = "storage-read-only", 503
    title = "The database takes no writes"
    next_action = "Tell operations; keep the recording on the station until then."
    next_action_id = "Beritahu bagian operasi; simpan perekaman di stasiun sampai pulih."
    always_headers: ClassVar[Mapping[str, str]] = {"Retry-After": "60"}


class StorageFull(Refusal):
    """The disk is full, so nothing can be promised. What was accepted before is safe."""

    code, status = "storage-full", 507
    title = "The disk is full"
    next_action = "Tell operations to make room; keep the recording on the station until then."
    next_action_id = "Minta bagian operasi menambah ruang; simpan perekaman di stasiun."
    always_headers: ClassVar[Mapping[str, str]] = {"Retry-After": "60"}
