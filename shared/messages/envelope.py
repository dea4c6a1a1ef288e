"""ENVELOPE: the ten facts of a header that IMAP serves ready-made (RFC 3501 §7.4.2)."""

from __future__ import annotations

from shared.messages.address import render_addresses
from shared.messages.fold import one_blank
from shared.messages.part import Part
from shared.messages.quote import nstring


def render_envelope(part: Part) -> bytes:
    """The ENVELOPE of the message whose header `part` holds: the outermost one, or one inside message/rfc822.

    A field that is absent is NIL, an empty one "". Sender and Reply-To without an address are From's (RFC 3501
    §7.4.2). Encoded words stay as they are; 8-bit octets go out as literals.
    """
    get = part.fields.get
    subject = get(b"subject")
    author = render_addresses(get(b"from"))
    sender, reply_to = render_addresses(get(b"sender")), render_addresses(get(b"reply-to"))
    return b"(%b %b %b %b %b %b %b %b %b %b)" % (
        nstring(get(b"date")),
        nstring(subject and one_blank(subject)),
        author,
        author if sender == b"NIL" else sender,
        author if reply_to == b"NIL" else reply_to,
        render_addresses(get(b"to")),
        render_addresses(get(b"cc")),
        render_addresses(get(b"bcc")),
        nstring(get(b"in-reply-to")),
        nstring(get(b"message-id")),
    )
