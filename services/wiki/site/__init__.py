"""The frame of the web site: requests, answers, routes, and what is in every answer."""
