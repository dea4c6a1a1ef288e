"""XML-RPC at /RPC2 (http://xmlrpc.com/spec.md): the wiki for programs of any language."""
