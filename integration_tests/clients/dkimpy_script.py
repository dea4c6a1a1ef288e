"""Run by the system's Python: signs and verifies with Debian's dkimpy, without any code of ours.

Reads a JSON object: `do` (verify, sign, arc_sign), `message`, and what that needs. Writes the result.
"""

import json
import sys

import dkim

asked = json.load(sys.stdin)
message = asked["message"].encode("latin-1")
if asked["do"] == "verify":

    def look_up(name: bytes, timeout: int = 5) -> bytes | None:
        record = asked["keys"].get(name.decode().rstrip("."))
        return None if record is None else record.encode()

    def verifies(number: int) -> bool:
        try:
            return bool(dkim.DKIM(message).verify(idx=number, dnsfunc=look_up))
        except dkim.ValidationError:
            return False

    count = sum(name.lower() == b"dkim-signature" for name, _ in dkim.DKIM(message).headers)
    print([verifies(number) for number in range(count)])
else:
    selector, domain, key = (asked[name].encode() for name in ("selector", "domain", "private"))
    if asked["do"] == "arc_sign":
        added = b"".join(dkim.arc_sign(message, selector, domain, key, domain))
    else:
        forms = tuple(asked["form"].encode().split(b"/"))
        added = dkim.sign(
            message,
            selector,
            domain,
            key,
            canonicalize=forms,
            signature_algorithm=asked["algorithm"].encode(),
            length=asked["length"],
        )
    sys.stdout.write((added + message).decode("latin-1"))
