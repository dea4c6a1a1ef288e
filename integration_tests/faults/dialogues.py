"""Well-formed talk of every door, to be spoilt by tests."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence

_PLAIN = b64encode(b"\0nobody-here\0secret")
_SCRAM = b64encode(b"n,,n=nobody-here,r=fyko+d2lbbFgONRv9qkxdawL")

_SMTP = (
    b"EHLO client.example\r\nMAIL FROM:<a@example.org> SIZE=1000 BODY=8BITMIME\r\nRCPT TO:<bob@localhost>\r\nRSET\r\n",
    b"HELO client\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nRCPT TO:<admin+Archive@localhost>\r\nQUIT\r\n",
    b'EHLO [127.0.0.1]\r\nMAIL FROM:<"a b\\"c"@example.org> SMTPUTF8 AUTH=<>\r\nRCPT TO:<"admin"@localhost>\r\n',
    b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<nobody@localhost>\r\nDATA\r\nTo: x\r\n\r\n..\r\n.\r\nNOOP\r\n",
    b"EHLO x\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<nobody@localhost>\r\nBDAT 6\r\nhello\nBDAT 0 LAST\r\nQUIT\r\n",
    "EHLO x\r\nMAIL FROM:<ü@例え.example> SMTPUTF8\r\nVRFY admin\r\nEXPN all\r\nHELP\r\n".encode(),
    b"EHLO x\r\nSTARTTLS\r\n",
    b"EHLO x\r\nAUTH PLAIN "
    + _PLAIN
    + b"\r\nAUTH LOGIN\r\nbm9ib2R5LWhlcmU=\r\n*\r\nAUTH SCRAM-SHA-256 "
    + _SCRAM
    + b"\r\n*\r\n",
)
_LMTP = tuple(each.replace(b"EHLO", b"LHLO") for each in _SMTP)
_IMAP = (
    b'1 CAPABILITY\r\n2 NOOP\r\n3 ID ("name" "x" "version" NIL)\r\n4 LOGOUT\r\n',
    b"1 LOGIN nobody-here secret\r\n2 LOGIN {11+}\r\nnobody-here {6+}\r\nsecret\r\n",
    b"1 LOGIN {11}\r\nnobody-here {6}\r\nsecret\r\n2 AUTHENTICATE PLAIN\r\n" + _PLAIN + b"\r\n",
    b"1 AUTHENTICATE SCRAM-SHA-256 " + _SCRAM + b"\r\n*\r\n2 STARTTLS\r\n",
    b'1 SELECT INBOX\r\n2 FETCH 1:* (FLAGS)\r\n3 LIST "" "*"\r\n',
)
_POP3 = (
    b"CAPA\r\nUSER nobody-here\r\nPASS secret\r\nQUIT\r\n",
    b"APOP nobody-here c4c9334bac560ecc979e58001b3e22fb\r\nSTAT\r\nUIDL\r\n",
    b"AUTH\r\nAUTH PLAIN\r\n" + _PLAIN + b"\r\nAUTH SCRAM-SHA-256 " + _SCRAM + b"\r\n*\r\n",
    b"STLS\r\n",
)
_NNTP = (
    b"CAPABILITIES\r\nMODE READER\r\nLIST\r\nLIST NEWSGROUPS *,!x.*\r\nHELP\r\nDATE\r\nQUIT\r\n",
    b"AUTHINFO USER nobody-here\r\nAUTHINFO PASS secret\r\nAUTHINFO SASL PLAIN " + _PLAIN + b"\r\n",
    b"AUTHINFO SASL SCRAM-SHA-256 " + _SCRAM + b"\r\n*\r\nIHAVE <a@example.org>\r\n",
    b"GROUP local.tea\r\nLISTGROUP local.tea 1-\r\nARTICLE 1\r\nHEAD\r\nBODY <a@b>\r\nSTAT 99\r\nNEXT\r\nLAST\r\n",
    b"OVER 1-\r\nXOVER 1-9\r\nHDR :bytes 1-\r\nXHDR Xref 1-\r\nXPAT Subject 1- *[a-z]?\\*\r\nOVER <a@b>\r\n",
    b"NEWNEWS *,!a* 20200101 000000 GMT\r\nNEWGROUPS 990101 235960\r\nLIST ACTIVE *a*a*a*a*b\r\n",
    b"POST\r\nFrom: a@example.org\r\nNewsgroups: local.nothing\r\nSubject: x\r\n\r\n..\r\n.\r\nDATE\r\n",
    b"STARTTLS\r\n",
    b"COMPRESS DEFLATE\r\n",
)
DIALOGUES: Mapping[str, Sequence[bytes]] = {
    "smtp": _SMTP,
    "submission": _SMTP,
    "submissions": _SMTP,
    "lmtp": _LMTP,
    "imap": _IMAP,
    "imaps": _IMAP,
    "pop3": _POP3,
    "pop3s": _POP3,
    "nntp": _NNTP,
    "nntps": _NNTP,
}

MEMBERS_IMAP: Sequence[bytes] = (
    b"1 FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY MODSEQ)\r\n",
    b'1 FETCH 1 (BODY.PEEK[HEADER.FIELDS (SUBJECT "To")]<0.10> BODY[1.MIME] BODY[TEXT]<5.4294967295>)\r\n',
    b"1 UID FETCH 1:4294967295 FULL (CHANGEDSINCE 1 VANISHED)\r\n2 FETCH 1 FAST\r\n3 FETCH 1 (ALL)\r\n",
    b"1 STORE 1 +FLAGS.SILENT (\\Seen $Forwarded kw)\r\n2 UID STORE 1:* (UNCHANGEDSINCE 5) -FLAGS (\\Deleted)\r\n",
    b'1 SEARCH OR (SUBJECT tea NOT SEEN) SINCE 1-Jan-2020 UID 1:* LARGER 10 HEADER "X" {3+}\r\nabc\r\n',
    "1 SEARCH RETURN (MIN MAX COUNT ALL SAVE) CHARSET UTF-8 TEXT {6+}\r\n茶\r\n2 FETCH $ FLAGS\r\n".encode(),
    b'1 LIST (SUBSCRIBED RECURSIVEMATCH) "" (INBOX "%" "*/x") RETURN (CHILDREN STATUS (MESSAGES UIDNEXT SIZE))\r\n',
    b'1 LSUB "" *\r\n2 LIST "" ""\r\n3 NAMESPACE\r\n4 STATUS INBOX (MESSAGES UNSEEN HIGHESTMODSEQ)\r\n',
    b'1 CREATE a/b\r\n2 RENAME a/b c\r\n3 SUBSCRIBE c\r\n4 UNSUBSCRIBE c\r\n5 DELETE c\r\n6 CREATE "&U,BTFw-"\r\n',
    b'1 APPEND Drafts (\\Seen kw) " 1-Jan-2020 00:00:00 +0100" {21+}\r\nSubject: x\r\n\r\nbody\r\n\r\n2 NOOP\r\n',
    b"1 COPY 1 Trash\r\n2 UID MOVE 1:2 Archive\r\n3 EXPUNGE\r\n4 UID EXPUNGE 1:*\r\n5 CLOSE\r\n6 UNSELECT\r\n",
    b"1 IDLE\r\nDONE\r\n2 ENABLE CONDSTORE QRESYNC UTF8=ACCEPT\r\n3 SELECT INBOX (CONDSTORE)\r\n4 EXAMINE Sent\r\n",
    b"1 COMPRESS DEFLATE\r\n",
    b"1 CHECK\r\n2 SEARCH 1:*,2 KEYWORD kw UNKEYWORD kw MODSEQ 5 BEFORE 3-Feb-2030 SENTON 3-Feb-2031\r\n",
)
MEMBERS_POP3: Sequence[bytes] = (
    b"STAT\r\nLIST\r\nLIST 1\r\nUIDL\r\nUIDL 1\r\nRETR 1\r\nTOP 1 0\r\nNOOP\r\n",
    b"DELE 1\r\nRSET\r\nLIST 99\r\nRETR 0\r\nTOP 1 99999999999\r\nDELE -1\r\n",
    b"RETR 1\r\nTOP 1 1\r\nCAPA\r\nUSER x\r\nQUIT\r\n",
)
