"""The words of a web page and how often each occurs, from the page's octets as they pass."""
