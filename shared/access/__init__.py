"""What the proxy may reach, and who used it how much; knows no protocol."""
