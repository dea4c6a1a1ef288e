"""The commands, a file each: `async def verb(session, argument)`."""
