"""REST under /api/v1: pages, rooms, messages, marks and the account as JSON, described by /api/openapi.json."""
