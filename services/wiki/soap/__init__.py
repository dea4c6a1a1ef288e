"""SOAP 1.1 and 1.2 at /SOAP: the wiki for programs that speak rpc/encoded or document/literal."""
