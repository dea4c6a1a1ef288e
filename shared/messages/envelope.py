"""ENVELOPE: the ten facts of a header that IMAP serves ready-made (RFC 3501 §7.4.2)."""

from __future__ import annotations

from shared.messages.address import AddressPatience, render_addresses
from shared.messages.fold import one_blank
from shared.messages.part import Part
from shared.messages.quote import nstring

# Besides them there are Date, Subject, In-Reply-To and Message-ID, each at most 4 KiB of its field
# (shared/messages/fields.py), or 8 KiB when each octet has to be escaped: 128 KiB in all.
_AUTHORS_OCTETS = 8 << 10  # each of From, Sender and Reply-To: a hundred addresses
_RECIPIENTS_OCTETS = 64 << 10  # To, Cc and Bcc together: a thousand addresses
MOST_ENVELOPE_OCTETS = 128 << 10


def render_envelope(part: Part, patience: AddressPatience | None = None) -> bytes:
    """The ENVELOPE of the message whose header `part` holds: the outermost one, or one inside message/rfc822.

    A field that is absent is NIL, an empty one "". Sender and Reply-To without an address are From's (RFC 3501
    §7.4.2). Encoded words stay as they are; 8-bit octets go out as literals. At most MOST_ENVELOPE_OCTETS; address
    lists end before that, and where `patience` ends.
    """
    get = part.fields.get
    if patience is None:
        patience = AddressPatience()
    subject = get(b"subject")
    author = render_addresses(get(b"from"), _AUTHORS_OCTETS, patience)
    sender, reply_to, cc, bcc = get(b"sender"), get(b"reply-to"), get(b"cc"), get(b"bcc")  # most messages have none
    sender = render_addresses(sender, _AUTHORS_OCTETS, patience) if sender else b"NIL"
    reply_to = render_addresses(reply_to, _AUTHORS_OCTETS, patience) if reply_to else b"NIL"
    to = render_addresses(get(b"to"), _RECIPIENTS_OCTETS, patience)
    cc = render_addresses(cc, _RECIPIENTS_OCTETS - len(to), patience) if cc else b"NIL"
    bcc = render_addresses(bcc, _RECIPIENTS_OCTETS - len(to) - len(cc), patience) if bcc else b"NIL"
    return b"(%b %b %b %b %b %b %b %b %b %b)" % (
        nstring(get(b"date")),
        nstring(subject and one_blank(subject)),
        author,
        author if sender == b"NIL" else sender,
        author if reply_to == b"NIL" else reply_to,
        to,
        cc,
        bcc,
        nstring(get(b"in-reply-to")),
        nstring(get(b"message-id")),
    )
