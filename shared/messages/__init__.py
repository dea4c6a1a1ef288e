"""An RFC 5322 message as octets: where its parts lie, what IMAP says about them, what a search finds in them."""
