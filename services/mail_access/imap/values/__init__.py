"""What an IMAP client may ask for, as plain values that know neither bytes on the wire nor the store."""
