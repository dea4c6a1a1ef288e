"""Errors as answers: a page for browsers, problem+json (RFC 9457) for programs that take JSON, else a line of text."""

from __future__ import annotations

import json
from urllib.parse import quote

from services.wiki.parts import WikiParts
from services.wiki.sessions.visitor import Visitor
from services.wiki.site.answer import PROBLEM, TEXT, Answer, see_other
from services.wiki.site.errors import MethodNotHere, SignInNeeded
from services.wiki.site.local_path import local_path
from services.wiki.site.negotiate import HTML, JSON, PLAIN, error_type
from services.wiki.site.render import render
from services.wiki.site.replies import Refusal, refusal_of
from services.wiki.site.request import WebRequest
from shared.rooms.errors import MayNotPost
from shared.wiki.errors import MayNotWrite

REST, XML_FACES = b"/api/v1/", (b"/RPC2", b"/SOAP", b"/lib/exe/xmlrpc.php")
CHALLENGE = b'Basic realm="%s", charset="UTF-8"'


def error_answer(parts: WikiParts, request: WebRequest, error: BaseException) -> Answer:
    """What the client is told about `error`. A stranger who is refused what members may do is asked to sign in."""
    if isinstance(error, MayNotWrite | MayNotPost) and error.sign_in_helps:
        error = SignInNeeded()
    refusal = refusal_of(error)
    fields: dict[bytes, bytes] = {}
    kind = _kind_of(request)
    if isinstance(error, SignInNeeded) and kind == HTML:  # on 401 a browser would show a dialog of its own
        if request.method in (b"GET", b"HEAD"):
            return see_other(f"/sign-in?then={quote(local_path(request.uri.decode('ascii', 'replace')), safe='/')}")
        refusal = refusal._replace(status=403)
    elif refusal.status == 401:
        realm = parts.site_name.replace('"', "").replace("\\", "").encode("ascii", "replace")
        fields[b"www-authenticate"] = CHALLENGE % realm
    if refusal.retry_after is not None:
        fields[b"retry-after"] = b"%d" % refusal.retry_after
    if isinstance(error, MethodNotHere):
        fields[b"allow"] = ", ".join(error.allowed).encode("ascii")
    return refusal_answer(parts, request, refusal, kind)._replace(fields=fields)


def _kind_of(request: WebRequest) -> str:
    """Who asks where programs are expected is one, whatever it says that it takes."""
    if request.path.startswith(REST):
        return JSON
    if request.path in XML_FACES:
        return PLAIN
    return error_type(request.getHeader(b"accept") or b"")


def refusal_answer(parts: WikiParts, request: WebRequest, refusal: Refusal, kind: str) -> Answer:
    """The same for words that are known."""
    if kind == HTML:
        visitor = request.visitor or Visitor(None, request.peer_host)
        return render(parts, visitor, "site/error.html", status=refusal.status, refusal=refusal)
    if kind == JSON:
        problem = {"type": "about:blank", "title": refusal.title, "status": refusal.status, "detail": refusal.sentence}
        return Answer(refusal.status, json.dumps(problem).encode() + b"\n", PROBLEM, cache=b"no-store")
    return Answer(refusal.status, refusal.sentence.encode() + b"\n", TEXT, cache=b"no-store")
