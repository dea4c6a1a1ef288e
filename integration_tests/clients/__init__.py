"""Programs that people have, each at work on the running stack and judged by what is stored and what is sent."""
