"""The words of web pages that pass the proxy: counted between other work, and kept in the store."""
