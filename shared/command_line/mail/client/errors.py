"""What keeps mail from being sent."""

from __future__ import annotations

from shared.command_line.news.client.errors import NewsError
from shared.command_line.terminal.printable import printable


class MailNotSent(NewsError):
    """The server has refused the message, or the connection. The sentence may be the server's."""

    def __init__(self, sentence: str) -> None:
        super().__init__(printable(" ".join(sentence.split())))
