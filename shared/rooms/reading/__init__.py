"""Articles, threads, lists and the weblog, as doors show them."""
