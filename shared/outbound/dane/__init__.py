"""The keys of mail servers in DNS (DANE, RFC 7672), where a resolver is trusted to have checked the answers."""
