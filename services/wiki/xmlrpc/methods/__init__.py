"""The groups of XML-RPC methods, a file for each prefix."""
