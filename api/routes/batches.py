"""Batches: what agents saw, as NDJSON (cmdb.model.batch), plain or gzip, bounded before and after it is unpacked."""

from __future__ import annotations

import hashlib
import zlib
from io import BytesIO

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from agent.signature import content_digest, digest_field
from api import auth, signed_requests
from api.agent_batches import take
from api.answers import answer
from api.context import server
from api.local_estate import LocalEstate
from api.models import DigestKey, Receipt
from cmdb.model.errors import UsageError
from cmdb.model.times import SECOND

CHUNK = 1024 * 1024
UNCOUNTED = 1024 * 1024
"""Bytes that a batch of an agent may have more than were sent, without being counted as such."""

routes = APIBlueprint(
    "batches",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="agents", description="What agents hand in, and what they need")],
    abp_security=[{"token": []}],
)


class TooLarge(UsageError):
    """More than this server takes at once."""

    kind = "too-large"
    http_status = 413


class WrongMedia(UsageError):
    """Not the kind of content that is taken here."""

    kind = "unsupported-media-type"
    http_status = 415


@routes.post(
    "/batches",
    responses={200: Receipt},
    summary="Hand in a batch",
    openapi_extensions={
        "requestBody": {
            "required": True,
            "description": "A batch, one JSON document a line; may be sent with Content-Encoding: gzip.",
            "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
        }
    },
)
def submit() -> Response:
    if not signed_requests.is_signed(request):
        return _taken(server().estate.of(auth.caller("report")))
    with server().admission.place():  # before the signature is looked at: who has to wait has spent nothing
        return _taken(server().estate.of(auth.caller("report")))


def _taken(estate: LocalEstate) -> Response:
    if request.mimetype != "application/x-ndjson":
        raise WrongMedia("A batch is sent as Content-Type: application/x-ndjson.")
    request.max_content_length = server().settings.max_batch_bytes
    sent_at = round(request.date.timestamp()) * SECOND if request.date is not None else signed_requests.signed_at()
    batch = _unpacked(server().settings.max_batch_bytes)
    agent = estate.caller.agent
    if not agent:
        return answer(estate.submit(batch, sent_at))
    if len(batch) > UNCOUNTED + (request.content_length or 0):
        server().keys.add_bytes(agent, len(batch) - (request.content_length or 0))
    return answer(take(server().agents, estate, batch, sent_at))


@routes.get("/agent/digest-key", responses={200: DigestKey}, summary="The key of keyed file digests")
def digest_key() -> Response:
    estate = server().estate.of(auth.caller("report"))
    response = answer({"key": estate.digest_key().hex()})
    response.headers["Cache-Control"] = "no-store"
    return response


def _unpacked(limit: int) -> bytes:
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding == "identity":
        whole = request.get_data(cache=False)
        signed_requests.check_content(content_digest(whole))
        return whole
    if encoding != "gzip":
        raise WrongMedia(f"Content-Encoding {encoding!r:.40} is not taken; send gzip, or none.")
    unpack = zlib.decompressobj(16 + zlib.MAX_WBITS)
    unpacked, came = BytesIO(), hashlib.sha256()
    try:
        while block := request.stream.read(CHUNK):
            came.update(block)
            while block:
                unpacked.write(unpack.decompress(block, CHUNK))
                if unpacked.tell() > limit:
                    raise TooLarge(f"Unpacked, the batch has over {limit} bytes; send less at a time.", limit=limit)
                block = unpack.unconsumed_tail
    except zlib.error as error:
        raise UsageError(f"The body is no gzip: {error}.") from None
    if not unpack.eof:
        raise UsageError("The gzip body ends too early.")
    signed_requests.check_content(digest_field(came.digest()))
    return unpacked.getvalue()  # Without a copy.
