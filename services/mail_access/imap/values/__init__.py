"""The requests of an IMAP client, as plain values that know neither octets on the wire nor the store."""
