"""The estate behind a server's API: the same answers as `LocalEstate`, over HTTP (urllib, nothing to be installed)."""

from __future__ import annotations

import gzip
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from api.credentials import address
from api.remote_absence import RemoteAbsence
from api.remote_agents import RemoteAgents
from api.remote_conflicts import RemoteConflicts
from api.remote_links import RemoteLinks
from api.remote_people import RemotePeople
from api.remote_redaction import RemoteRedaction
from api.remote_retention import RemoteRetention
from api.remote_sweeps import RemoteSweeps
from api.settings import is_loopback
from cmdb.damage import Progress
from cmdb.model.errors import (
    ConflictError,
    ForbiddenError,
    HorizonError,
    InvalidDocument,
    NotFoundError,
    StoreError,
    SurveymarkError,
    UsageError,
)
from cmdb.model.times import SECOND, now

Document = dict[str, Any]
SECONDS = 120

_ERRORS: dict[int, type[SurveymarkError]] = {
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    410: HorizonError,
    422: InvalidDocument,
}


class RemoteEstate(
    RemoteAbsence,
    RemoteAgents,
    RemoteConflicts,
    RemoteLinks,
    RemotePeople,
    RemoteRedaction,
    RemoteRetention,
    RemoteSweeps,
):
    """An Estate (estate.py) over HTTP."""

    def __init__(self, url: str, token: str) -> None:
        parts = address(url, "The server's URL")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"{url!r:.200} is no server: write https://host or http://127.0.0.1:8765.")
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise UsageError("Plain HTTP would show the access token to everybody on the way: write https://.")
        if not token.isascii() or not token.isprintable() or " " in token:
            raise UsageError("That is no access token: it reads smt_…, without spaces.")
        self._base = url.rstrip("/") + "/api/v1"
        self._token = token
        # No redirect is followed: it could carry the token elsewhere. No proxy for loopback.
        handlers: list[Any] = [_NoRedirect(), urllib.request.HTTPSHandler(context=ssl.create_default_context())]
        if is_loopback(parts.hostname):
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)

    def find(self, query: str, at: str | None = None, cursor: str | None = None, limit: int = 100) -> Document:
        return self._get("/cis", q=query, at=at, cursor=cursor, limit=limit)

    def show(self, id: str, at: str | None = None) -> Document:
        return self._get(f"/cis/{_part(id)}", at=at)

    def history(self, id: str, at: str | None = None, cursor: str | None = None, limit: int = 100) -> Document:
        return self._get(f"/cis/{_part(id)}/history", at=at, cursor=cursor, limit=limit)

    def neighbours(self, id: str, at: str | None = None, cursor: str | None = None, limit: int = 100) -> Document:
        return self._get(f"/cis/{_part(id)}/neighbours", at=at, cursor=cursor, limit=limit)

    def summary(self, id: str, at: str | None = None) -> Document:
        return self._get(f"/cis/{_part(id)}/summary", at=at)

    def explain(self, id: str, at: str | None = None) -> Document:
        return self._get(f"/cis/{_part(id)}/explain", at=at)

    def document(self, digest: str) -> bytes:
        return self._call("GET", f"/documents/{_part(digest)}")

    def impact(
        self, ids: Sequence[str], down: Sequence[str] = (), at: str | None = None, keep: bool = False
    ) -> Document:
        if keep:
            return self._send("POST", "/impact", {"ci": list(ids), "down": list(down), "at": at})
        return self._get("/impact", ci=list(ids), down=list(down), at=at)

    def topology(
        self,
        ids: Sequence[str] = (),
        queries: Sequence[str] = (),
        depth: int | None = None,
        classes: Sequence[str] = (),
        most: int | None = None,
        at: str | None = None,
    ) -> Document:
        asked = {"ci": list(ids), "q": list(queries), "depth": depth, "class": list(classes), "most": most, "at": at}
        return self._get("/topology", **asked)

    def drift(self, name: str, at: str | None = None, against: str | None = None, keep: bool = False) -> Document:
        if keep:
            return self._send("POST", f"/drift/{_part(name)}", {"at": at, "against": against})
        return self._get(f"/drift/{_part(name)}", at=at, against=against)

    def baselines(self) -> Document:
        return self._get("/baselines")

    def baseline(self, name: str) -> Document:
        return self._get(f"/baselines/{_part(name)}")

    def create_baseline(self, name: str, scope: str, at: str | None = None) -> Document:
        return self._send("POST", "/baselines", {"name": name, "scope": scope, "at": at})

    def approve_baseline(self, name: str, digest: str, self_reason: str | None = None) -> Document:
        said = {"digest": digest, "self_reason": self_reason}
        return self._send("POST", f"/baselines/{_part(name)}/approval", said)

    def verify_baseline(self, name: str) -> Document:
        return self._get(f"/baselines/{_part(name)}/verification")

    def records(self, kind: str, at: str | None = None) -> Document:
        return self._get(f"/{kind}s", at=at)

    def record(self, kind: str, key: str, at: str | None = None) -> Document:
        return self._get(f"/{kind}s/{_key(key)}", at=at)

    def add_record(self, kind: str, key: str, said: Mapping[str, Any]) -> Document:
        return self._send("PUT", f"/{kind}s/{_key(key)}", dict(said))

    def submit(self, batch: bytes, sent_at: int | None = None) -> Document:
        headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
        headers["Date"] = formatdate((now() if sent_at is None else sent_at) / SECOND, usegmt=True)
        return _decoded(self._call("POST", "/batches", gzip.compress(batch, 6, mtime=0), headers))

    def submit_many(self, batches: Sequence[bytes]) -> list[Document | SurveymarkError]:
        found: list[Document | SurveymarkError] = []
        for one in batches:
            try:
                found.append(self.submit(one))
            except SurveymarkError as error:
                found.append(error)
        return found

    def digest_key(self) -> bytes:
        return bytes.fromhex(self._get("/agent/digest-key")["key"])

    def create_token(
        self,
        name: str,
        roles: Sequence[str],
        expires: str,
        source: str | None,
        enrolling: Mapping[str, Any] | None = None,
    ) -> Document:
        said = {"name": name, "roles": list(roles), "expires": expires, "source": source}
        return self._send("POST", "/tokens", {**said, "enrolling": dict(enrolling) if enrolling is not None else None})

    def list_tokens(self) -> Document:
        return self._get("/tokens")

    def revoke_token(self, id: str) -> Document:
        return _decoded(self._call("DELETE", f"/tokens/{_part(id)}"))

    def doctor(
        self,
        chain: bool = False,
        progress: Progress | None = None,  # noqa: ARG002 - a server tells none
        anchors: Path | None = None,
    ) -> Document:
        if anchors is not None:
            raise UsageError("Anchors are compared with a store, not with what a server says: run it with --store.")
        return self._get("/doctor", chain="true" if chain else None)

    # -- HTTP ------------------------------------------------------------------------------------------------------------

    def _get(self, path: str, **parameters: Any) -> Document:
        given = {name: value for name, value in parameters.items() if value is not None}
        question = urlencode(given, doseq=True)
        return _decoded(self._call("GET", f"{path}?{question}" if question else path))

    def _send(self, method: str, path: str, said: Document) -> Document:
        body = json.dumps({name: value for name, value in said.items() if value is not None}).encode()
        return _decoded(self._call(method, path, body, {"Content-Type": "application/json"}))

    def _call(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> bytes:
        request = urllib.request.Request(self._base + path, body, dict(headers or {}), method=method)  # noqa: S310
        request.add_header("Authorization", f"Bearer {self._token}")
        try:
            with self._opener.open(request, timeout=SECONDS) as response:
                data: bytes = response.read()
                return data
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error.code, error.read()) from None
        except urllib.error.URLError as error:
            why = getattr(error.reason, "strerror", None) or error.reason
            raise StoreError(f"The server {self._base} can not be reached: {why}.") from error
        except (OSError, ValueError) as error:
            raise StoreError(f"The server {self._base} broke off: {error}.") from error


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _refusal(status: int, body: bytes) -> SurveymarkError:
    """The error that a problem document tells of."""
    try:
        found = json.loads(body)
        detail = str(found.pop("detail"))
        kind = str(found.pop("type")).rpartition(":")[2]
    except (ValueError, KeyError, AttributeError, TypeError):
        return StoreError(f"The server answered {status}, not as a Surveymark server does.")
    details = {k: v for k, v in found.items() if k not in ("title", "status", "path")}
    if status == 422:
        error: SurveymarkError = InvalidDocument(detail, str(found.get("path", "")), **details)
    else:
        error = _ERRORS.get(status, UsageError if status < 500 else StoreError)(detail, **details)
    error.kind, error.http_status = kind, status
    return error


def _decoded(data: bytes) -> Document:
    try:
        found = json.loads(data)
    except ValueError as error:
        raise StoreError(f"The server answered with something that is no JSON: {error}.") from None
    if not isinstance(found, dict):
        raise StoreError("The server answered with something that is no document.")
    return found


def _part(text: str) -> str:
    """One part of a path: a "/" in it is no separator."""
    return quote(text, safe="")


def _key(key: str) -> str:
    """A record's key, INSTANCE/NUMBER, as two parts."""
    return "/".join(map(_part, key.split("/")))
