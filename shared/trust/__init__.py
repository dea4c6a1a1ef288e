"""The trust in mail that strangers bring: SPF, DKIM, ARC and DMARC, checked on arrival."""
