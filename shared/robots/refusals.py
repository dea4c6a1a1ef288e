"""The answers to what a robot cannot do: the sentence for each error of the domain."""

from __future__ import annotations

from collections.abc import Mapping

from shared.errors import DomainError, nearest
from shared.robots.answer import AnswerPart, RobotAnswer
from shared.robots.errors import MailUnfit
from shared.robots.query import RobotQuery
from shared.wiki import errors as wiki

# {} is what the error says.
REFUSALS: Mapping[type[DomainError], str] = {
    MailUnfit: "{}",
    wiki.BadPageName: "the address has no name of a page in it: {}",
    wiki.ReservedPageName: "{}",
    wiki.PageNotFound: "there is no such page yet: a text comes first, then files",
    wiki.RevisionNotFound: "X-Base-Revision: the page has no such revision",
    wiki.MayNotWrite: "{}",
    wiki.PageTooLarge: "{}",
    wiki.BadSource: "the text is not in UTF-8",
    wiki.EditConflict: "somebody else has changed the same lines since the revision that you edited",
    wiki.BadFileName: "a file cannot be attached by its name: {}",
    wiki.AttachmentTooLarge: "{}",
    wiki.TooManyAttachments: "{}",
}
INTERNAL = "an error inside the server has stopped it; the log has the details"


def refusal(query: RobotQuery, error: Exception | None) -> RobotAnswer:
    """Nothing was done, and why; of a conflict, the difference between the page and the text that came."""
    sentence = INTERNAL if error is None else nearest(REFUSALS, error, INTERNAL).format(error)
    about = query.detail or query.subject
    text = f"Nothing was changed: {sentence}.\n"
    if not isinstance(error, wiki.StaleEdit):
        return RobotAnswer(f"Not done: {about}", text)
    revision = error.current.revision
    text += (
        f"\nThe page is at revision {revision} now. What your text would change in it:\n\n{error.diff}\n"
        f"To save it, change the newest text, and say X-Base-Revision: {revision}\n"
    )
    diff = AnswerPart("text/x-diff; charset=utf-8", error.diff.encode("utf-8", "replace"), _ATTACHED)
    return RobotAnswer(f"Not saved: {error.current.name}, two changes at once", text, (diff,))


def notice(most_an_hour: int) -> RobotAnswer:
    """What a sender is told once who has reached the limit."""
    return RobotAnswer(
        "No more answers for now",
        f"You have asked {most_an_hour} times within an hour, and more is not answered. Ask again in an hour.\n",
    )


_ATTACHED = ("Content-Disposition: attachment; filename=conflict.diff",)
