"""The domain behind the proxy: what may be reached, and who used it how much; knows no protocol."""
