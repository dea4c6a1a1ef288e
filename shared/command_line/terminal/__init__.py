"""What a command has around it: its standard streams, what it shows and how, what it asks for."""
