"""Ranges of octets (RFC 9110 §14): one range of a body; several are answered with the whole."""

from __future__ import annotations

import re

from services.wiki.site.answer import TEXT, Answer
from services.wiki.site.request import WebRequest

_RANGE = re.compile(rb"\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", re.ASCII)
_LONGEST = 19  # digits


def with_range(request: WebRequest, answer: Answer) -> Answer:
    """The part of a 200 that the request asks for: 206, 416 if there is no such part, else the answer as it is."""
    field = request.getHeader(b"range")
    if field is None or request.method != b"GET" or answer.status != 200:
        return answer
    only_if = request.getHeader(b"if-range")
    if only_if is not None and only_if not in (b'"%s"' % answer.etag.encode(), answer.fields.get(b"last-modified")):
        return answer
    match = _RANGE.fullmatch(field)
    if match is None or len(match[1]) > _LONGEST or len(match[2]) > _LONGEST or not (match[1] or match[2]):
        return answer
    size = len(answer.body)
    if match[1]:
        first, last = int(match[1]), min(int(match[2]) if match[2] else size - 1, size - 1)
        if match[2] and int(match[2]) < first:
            return answer  # no range at all
    else:
        first, last = max(0, size - int(match[2])), size - 1
    if first >= size or last < first:
        return Answer(416, b"The file has no such part.\n", TEXT, {b"content-range": b"bytes */%d" % size})
    fields = {**answer.fields, b"content-range": b"bytes %d-%d/%d" % (first, last, size), b"content-encoding": b""}
    fields.pop(b"content-encoding")
    return answer._replace(status=206, body=answer.body[first : last + 1], fields=fields)
