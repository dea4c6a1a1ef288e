"""The commands, a file for each kind: `async def verb(session, argument)`."""
