"""The wiki's changes as a room, which newsreaders and mail programs follow; a reply there comments on the page."""
