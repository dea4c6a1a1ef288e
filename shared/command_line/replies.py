"""The sentence for each error, for operators, who may know everything."""

from __future__ import annotations

from collections.abc import Mapping

from shared.access import errors as access
from shared.accounts import errors as accounts
from shared.accounts.ssh_keys import errors as ssh_keys
from shared.administration import errors as administration
from shared.control import errors as control
from shared.control.sessions import errors as sessions
from shared.database import errors as database
from shared.errors import DomainError, nearest
from shared.feeds import errors as feeds
from shared.folders import errors as folders
from shared.mail import errors as mail
from shared.outbound import errors as outbound
from shared.outbound.own_forwards import errors as own_forwards
from shared.rooms import errors as rooms
from shared.rooms.subscriptions import errors as subscriptions
from shared.rooms.subscriptions.elsewhere import errors as elsewhere
from shared.senders import errors as senders
from shared.wiki import errors as wiki

# What the error was raised with is put in for {}.
REPLIES: Mapping[type[DomainError], str] = {
    accounts.AccountNotFound: "there is no account called {}",
    accounts.AccountExists: "there is an account called {} already",
    accounts.UnusableName: "{} cannot be an account's name: up to 64 of a-z, 0-9, '.', '_' and '-', beginning with a "
    "letter or digit",
    accounts.UnusableFullName: "this cannot be a full name: {}",
    accounts.UnusablePassword: "this cannot be a password: {}",
    accounts.WeakPassword: "this password is weak: {}; --weak takes it all the same",
    accounts.UnknownProtocol: "an app password cannot be made for that: {}",
    accounts.AppPasswordNotFound: "there is no app password {} of this account",
    ssh_keys.UnusableSshKey: "this is no SSH key to sign in with: {}",
    ssh_keys.SshKeyExists: "the account has this key already: {}",
    ssh_keys.SshKeyNotFound: "the account has no SSH key {}",
    ssh_keys.TooManySshKeys: "the account has {} SSH keys, the most it may have",
    accounts.LastAdmin: "this would leave no enabled admin",
    administration.AccountShutOut: "{} may not sign in any more",
    administration.HostKeysSealed: "the SSH host keys in the store are sealed with another key than that in "
    "AGORA_STACK_KEY_FILE",
    administration.NotAMessageId: "{} is neither a Message-ID, which has an @, nor the id of `taken as ID`",
    administration.NotASignInName: "{} is not a name to sign in with",
    mail.BadAddress: "this is not an address: {}",
    mail.DomainNotLocal: "mail for this domain is not kept here; `agora domain add` changes that",
    mail.AddressNotFound: "there is no such address",
    mail.AddressExists: "the address leads to that account already",
    mail.ForwardExists: "the address leads there already",
    mail.ForwardNotFound: "the address does not lead there",
    mail.TooManyForwards: "the address leads to {} addresses elsewhere, the most it may; a room takes more subscribers",
    mail.TargetIsLocal: "mail for {} is kept here: name the accounts that it leads to",
    mail.ForwardsLeadThere: "{} leads to that domain as to one elsewhere: `agora address delete` ends that",
    mail.DomainInUse: "there are addresses in this domain: delete them first",
    outbound.TooManyQuestions: "this address, or this account's forwards, were asked about too often: try tomorrow",
    own_forwards.GuestHasNoMail: "{} is a guest, and guests receive no mail",
    own_forwards.TooManyOwnForwards: "the account has {} forwards, the most it may have: delete one first",
    outbound.NotQueued: "no message in the queue and no account on hold is called {}",
    rooms.RoomNotFound: "there is no room called {}",
    rooms.RoomExists: "there is a room called {} already",
    rooms.BadRoomName: "this cannot be a room's name: {}",
    rooms.RoomAddressTaken: "{} is somebody's address already",
    rooms.RoomAddressNotFound: "{} is no address that the room was given",
    rooms.ArticleNotFound: "there is no article {}",
    rooms.NotHeld: "no post with that token waits for a decision",
    rooms.AlreadyDecided: "somebody has decided about this post already: {}",
    rooms.ModeratorNotFound: "{} is no moderator of this room",
    elsewhere.ElsewhereNotTaken: "the posts of {} go to no other servers: `agora room set` changes that (--elsewhere)",
    elsewhere.ElsewhereNotFound: "{} is not subscribed to this room by mail",
    elsewhere.TooManyElsewhere: "{} has as many subscribers at other servers as it may have",
    subscriptions.SubscriberNotLocal: "posts are sent to mailboxes of this server only, and {} is elsewhere",
    subscriptions.MayNotSubscribe: "{} is a guest, and guests receive no mail",
    subscriptions.NotSubscribed: "{} is not subscribed to this room by mail",
    wiki.BadPageName: "this cannot be a page's name: {}",
    wiki.PageNotFound: "there is no page called {}",
    wiki.PageTaken: "another page, maybe a deleted one, has the name {}",
    wiki.RevisionNotFound: "the page has no revision {}",
    wiki.MayNotWrite: "{}",
    wiki.MayNotReadPages: "the wiki is for members",
    wiki.PageTooLarge: "{}",
    wiki.BadFileName: "this cannot be a file's name: {}",
    wiki.AttachmentTooLarge: "{}",
    wiki.TooManyAttachments: "{}",
    administration.NoAdmin: "there is no enabled admin: name an account with --as",
    subscriptions.RequestNotFound: "no such request waits to be confirmed",
    feeds.BadFeedAddress: "this is no feed's address, which begins with http:// or https://: {}",
    feeds.FeedExists: "the room is filled from {} already",
    feeds.FeedNotFound: "there is no feed {}",
    feeds.NotAnOpml: "this is not an OPML document: {}",
    control.ListenerNotFound: "there is no service or listener {}: `agora service list` shows all",
    control.ListenerHeld: "{}",
    control.OwnListener: "you came by {}: stop it from elsewhere",
    control.LastWayIn: "wiki/http and ssh_admin/ssh cannot both be stopped: an administrator comes by one of them",
    control.ServiceNotRunning: "no process of {} is seen",
    control.NotStartedAgain: "nothing would start {} again: AGORA_SUPERVISED is not set there",
    sessions.SessionNotFound: "there is no session {}",
    sessions.NotShown: "{} cannot be shown: it is none of SMTP, IMAP, POP3 or NNTP, or is shown already",
    database.CommitUnknown: "PostgreSQL went away while this was being written: look whether it was done",
    database.StoreFull: "the disk that PostgreSQL writes to is full",
    database.StoreUnavailable: "PostgreSQL does not answer: try again later",
    database.StatementTimedOut: "PostgreSQL is too slow at the moment: try again later",
    folders.FolderNotFound: "there is no such folder",
    folders.FolderNotSelectable: "the name only holds other folders, and takes no messages",
    folders.BadFolderName: "this cannot be a folder's name: {}",
    folders.NameIsShared: "no account has a folder of this name: the rooms are there",
    folders.TooManyFolders: "the account has as many folders as it may have",
    folders.TooManySubscriptions: "the account is subscribed to as many names as it may be",
    folders.TooManyKeywords: "the folder has no room for more keywords",
    folders.QuotaExceeded: "the account has no room for it: its quota is used up",
    folders.MessageTooLarge: "the message is larger than any may be",
    access.RuleUnusable: "{} is not a domain, an address, a network or *",
    access.RuleNotFound: "there is no rule about {}",
    access.RuleListNotFound: "there is no imported list called {}",
    senders.SenderRuleUnusable: "{} is not an address, a domain behind an @, or a network",
    senders.SenderRuleNotFound: "there is no rule about {}",
    access.LimitNotFound: "there are no limits to remove",
}


def reply_to(error: DomainError) -> str:
    """The sentence for `error`; its name is the fact where none is written."""
    sentence = nearest(REPLIES, error, None)
    if sentence is not None:
        return sentence.format(error) if str(error) else sentence.replace("{}", "that").removesuffix(": that")
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in type(error).__name__).strip()
    return f"{words}: {error}" if str(error) else words
