"""The replies: what each error of the domain is on the web, a status and a sentence."""

from __future__ import annotations

from typing import NamedTuple

from services.wiki.site.errors import (
    AdminsAlone,
    BadForm,
    BadPath,
    BadRequest,
    BodyTooLarge,
    CrossSite,
    MethodNotHere,
    NotHere,
    NotOneHost,
    NotOwnPassword,
    PlainSignIn,
    SignInNeeded,
    TooManyReaders,
    UnsupportedType,
)
from shared.accounts import errors as accounts
from shared.accounts.errors import SignInFailed, TooManySignIns
from shared.accounts.http_credentials import CredentialsWanted
from shared.accounts.ssh_keys import errors as ssh_keys
from shared.administration import errors as administration
from shared.control import errors as control
from shared.database.errors import CommitUnknown, StatementTimedOut, StoreFull, StoreUnavailable
from shared.errors import DomainError, nearest
from shared.feeds import errors as feeds
from shared.folders.errors import MessageNotFound, MessageTooLarge, QuotaExceeded
from shared.mail import errors as mail
from shared.outbound.errors import TooManyQuestions
from shared.outbound.own_forwards import errors as own_forwards
from shared.rooms import errors as rooms
from shared.rooms.posts.compose import DraftUnfit
from shared.rooms.subscriptions import errors as subscriptions
from shared.senders import errors as senders
from shared.wiki import errors as wiki

RETRY_SECONDS = 20  # reconnecting is tried much more often


class WebReply(NamedTuple):
    """`sentence` None: the error's own message is made for whoever asks."""

    status: int
    title: str
    sentence: str | None


UNEXPECTED = WebReply(500, "Internal error", "Something went wrong here. The log has the details.")
_NO_ROOM = "There is no room of this name, or you may not read it."  # not which of the two
_SIGN_IN = "Name and password do not match, or they are not good for the web."

REPLIES: dict[type[DomainError], WebReply] = {
    BadRequest: WebReply(400, "Bad request", None),
    BadForm: WebReply(400, "Bad form", None),
    NotOneHost: WebReply(400, "Bad request", None),
    BadPath: WebReply(400, "Bad path", None),
    NotHere: WebReply(404, "Not found", "There is nothing at this address."),
    MethodNotHere: WebReply(405, "Method not allowed", "This address does not know the method."),
    UnsupportedType: WebReply(415, "Unsupported type", None),
    BodyTooLarge: WebReply(413, "Too large", None),
    CrossSite: WebReply(
        403, "Not from this site", "The form is of another site, or of a session that is over. Load the page again."
    ),
    PlainSignIn: WebReply(403, "Sign in over TLS", "Passwords are taken over TLS only: use https."),
    NotOwnPassword: WebReply(
        403, "Not your password", "That is not the password of your account. An app password does not do here."
    ),
    SignInNeeded: WebReply(401, "Sign in", "Sign in to do this."),
    AdminsAlone: WebReply(403, "Administrators only", "Your account is not that of an administrator."),
    CredentialsWanted: WebReply(401, "Sign in", _SIGN_IN),
    SignInFailed: WebReply(401, "Sign in", _SIGN_IN),
    accounts.LockedOut: WebReply(429, "Too many tries", "There were too many wrong passwords. Wait a little."),
    TooManySignIns: WebReply(503, "Busy", "Too many are signing in at the moment. Try again."),
    accounts.AccountNotFound: WebReply(404, "No such account", "There is no such account."),
    accounts.AccountExists: WebReply(409, "Name taken", "There is an account of that name."),
    accounts.UnusableName: WebReply(422, "Unusable name", "An account cannot have that name."),
    accounts.UnusableFullName: WebReply(422, "Unusable name", None),
    accounts.UnusablePassword: WebReply(422, "Unusable password", "The password is empty or too long."),
    accounts.WeakPassword: WebReply(422, "Weak password", "The password is too short, or one of the most used ones."),
    accounts.UnknownProtocol: WebReply(422, "Unknown protocol", "There is no such protocol."),
    accounts.AppPasswordNotFound: WebReply(404, "No such app password", "There is no such app password."),
    accounts.LastAdmin: WebReply(409, "Last administrator", "An administrator must be left."),
    administration.AccountShutOut: WebReply(403, "Shut out", "Your account was disabled meanwhile."),
    administration.NotASignInName: WebReply(422, "No such name", "No account can have that name."),
    feeds.BadFeedAddress: WebReply(422, "Unusable address", "A feed's address begins with https:// or http://."),
    feeds.FeedExists: WebReply(409, "Added already", "The room is filled from that address already."),
    feeds.FeedNotFound: WebReply(404, "No such feed", "There is no such feed."),
    senders.SenderRuleUnusable: WebReply(
        422, "Unusable rule", "A rule is about an address, a domain behind an @, or a network."
    ),
    senders.SenderRuleNotFound: WebReply(404, "No such rule", "There is no such rule."),
    ssh_keys.UnusableSshKey: WebReply(422, "Unusable key", None),
    ssh_keys.SshKeyExists: WebReply(409, "Added already", "The account has that SSH key already."),
    ssh_keys.SshKeyNotFound: WebReply(404, "No such key", "There is no such SSH key."),
    ssh_keys.TooManySshKeys: WebReply(409, "Too many keys", "The account has as many SSH keys as it may."),
    mail.BadAddress: WebReply(422, "Unusable address", "That is not an address."),
    mail.TargetIsLocal: WebReply(
        422, "Kept here", "Mail for that address is kept here already: it can be sent on to other servers only."
    ),
    mail.ForwardExists: WebReply(409, "Confirmed already", "Your mail is sent on to that address already."),
    mail.ForwardNotFound: WebReply(404, "No such forward", "Your mail is not sent on to that address."),
    own_forwards.GuestHasNoMail: WebReply(403, "No mail", "The account of a guest receives no mail."),
    own_forwards.TooManyOwnForwards: WebReply(
        409, "Too many addresses", "Your mail is sent on to as many addresses as it may be: delete one first."
    ),
    own_forwards.ForwardNotAsked: WebReply(
        404, "Nothing to confirm", "This was confirmed or deleted already, or asked more than three days ago."
    ),
    TooManyQuestions: WebReply(
        429, "Asked too often", "That address was asked too often, or you have asked too many. Try again tomorrow."
    ),
    subscriptions.SubscriberNotLocal: WebReply(422, "Not here", "The address is on another server."),
    subscriptions.MayNotSubscribe: WebReply(403, "No mail", "The account of a guest receives no mail."),
    subscriptions.NotSubscribed: WebReply(409, "Not subscribed", "The room is not sent to you by mail."),
    control.ListenerNotFound: WebReply(404, "No such listener", "There is no such listener."),
    control.ListenerHeld: WebReply(409, "Not ours to close", None),
    control.OwnListener: WebReply(409, "You came by it", "You came by this listener: stop it from elsewhere."),
    control.LastWayIn: WebReply(
        409, "The last way in", "wiki/http and ssh_admin/ssh cannot both be stopped: an administrator comes by one."
    ),
    control.ServiceNotRunning: WebReply(409, "Not running", "No process of this service is seen."),
    control.NotStartedAgain: WebReply(409, "Not supervised", "Nothing would start this service again."),
    wiki.BadPageName: WebReply(400, "Bad page name", None),
    wiki.ReservedPageName: WebReply(403, "Not a page", None),
    wiki.PageNotFound: WebReply(404, "No such page", "No such page."),
    wiki.RevisionNotFound: WebReply(404, "No such revision", "The page has no such revision."),
    wiki.PageTaken: WebReply(409, "Name taken", "Another page has that name."),
    wiki.MayNotReadPages: WebReply(403, "Members only", "The wiki is for members."),
    wiki.MayNotWrite: WebReply(403, "May not write", None),
    wiki.MayNotDelete: WebReply(403, "May not delete", None),
    wiki.PageTooLarge: WebReply(413, "Too large", None),
    wiki.BadSource: WebReply(400, "Bad text", "The text is not in UTF-8."),
    wiki.EditConflict: WebReply(409, "Two changes at once", "Somebody has changed the same lines."),
    wiki.RevisionMoved: WebReply(412, "The page has changed", "The page is not at that revision."),
    wiki.TooManySaves: WebReply(429, "Too many saves", "Too many pages were saved. Wait a little."),
    wiki.TooMuchToFormat: WebReply(422, "Too much to format", "The text takes too long to format."),
    wiki.BadFileName: WebReply(422, "Unusable name", None),
    wiki.AttachmentNotFound: WebReply(404, "No such file", "The page has no such file."),
    wiki.AttachmentTooLarge: WebReply(413, "Too large", None),
    wiki.TooManyAttachments: WebReply(409, "Too many files", None),
    wiki.TooManyWatches: WebReply(409, "Too many pages", None),
    rooms.RoomNotFound: WebReply(404, "No such room", _NO_ROOM),
    rooms.RoomExists: WebReply(409, "Name taken", "There is a room of that name."),
    rooms.BadRoomName: WebReply(422, "Unusable name", None),
    rooms.RoomAddressTaken: WebReply(409, "Address taken", "The address leads somewhere else already."),
    rooms.RoomAddressNotFound: WebReply(404, "No such address", "The room has no such address."),
    rooms.ModeratorNotFound: WebReply(404, "No such moderator", "The account is no moderator of the room."),
    rooms.MayNotRead: WebReply(404, "No such room", _NO_ROOM),
    rooms.MayNotPost: WebReply(403, "May not post", None),
    rooms.ArticleUnfit: WebReply(422, "Not posted", None),
    rooms.TooManyRooms: WebReply(422, "Too many rooms", None),
    rooms.DuplicateArticle: WebReply(409, "Posted before", "This message has been posted before."),
    rooms.TooManyPosts: WebReply(429, "Too many posts", "Too many messages were posted. Wait a little."),
    rooms.TooManyHeld: WebReply(503, "Too many wait", "Too many posts wait for the moderators. Try again later."),
    rooms.ArticleNotFound: WebReply(404, "No such message", "There is no such message, or it is cancelled."),
    rooms.NotTheAuthor: WebReply(403, "Not yours", "Only its author and moderators cancel a message."),
    rooms.NotAModerator: WebReply(403, "Not a moderator", "Moderators of all its rooms decide about a post."),
    rooms.NotHeld: WebReply(404, "Not waiting", "No such post waits for a decision."),
    rooms.AlreadyDecided: WebReply(409, "Decided already", "Another moderator has decided about it already."),
    MessageNotFound: WebReply(404, "No such message", "There is no such message, or it is cancelled."),
    QuotaExceeded: WebReply(
        507, "No room", "Your mailbox is full, and could not take the mail about this: make room first."
    ),
    MessageTooLarge: WebReply(413, "Too large", "The message is too large."),
    DraftUnfit: WebReply(422, "Not posted", None),
    TooManyReaders: WebReply(503, "Too many pages", "Too many pages are open. They work without live updates."),
    StoreUnavailable: WebReply(503, "The store is away", "The server cannot reach its database. Try again."),
    CommitUnknown: WebReply(
        503, "The store is away", "It is not known whether this was saved. Look before you try again."
    ),
    StoreFull: WebReply(507, "The disk is full", "The server's disk is full. Reading goes on."),
    StatementTimedOut: WebReply(503, "Too slow", "The database took too long. Try again."),
}


class Refusal(NamedTuple):
    """What a client is told."""

    status: int
    title: str
    sentence: str
    retry_after: int | None = None  # seconds


def refusal_of(error: BaseException) -> Refusal:
    """The refusal for any error; a bug is 500, without its words."""
    reply = nearest(REPLIES, error, UNEXPECTED)
    if reply is UNEXPECTED and isinstance(error, DomainError):
        reply = WebReply(503 if error.temporary else 422, "Refused", "This cannot be done.")
    sentence = reply.sentence if reply.sentence is not None else _as_sentence(str(error))
    retry: int | None = None
    if isinstance(error, DomainError) and error.temporary:
        retry = RETRY_SECONDS if error.retry_after is None else int(error.retry_after.total_seconds()) + 1
    return Refusal(reply.status, reply.title, sentence, retry)


def _as_sentence(text: str) -> str:
    if not text:
        return "This cannot be done."
    text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else text + "."
