"""What an account has marked in a room: seen, flagged, answered; and the room as it sees it."""
