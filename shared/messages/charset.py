"""Text out of octets in any charset that mail names, rightly or wrongly. Never fails: what cannot be read is "�"."""

from __future__ import annotations

import codecs
import encodings
from encodings.aliases import aliases
from pkgutil import iter_modules

from shared.bounded_cache import remembers

# Names that mail uses and Python does not know, and charsets whose users send a superset of them (as the WHATWG
# encoding standard has it: what calls itself ISO-8859-1 or US-ASCII and is not, is windows-1252 far more often).
_ALIASES = {
    **dict.fromkeys(("ascii", "usascii", "ansix341968", "iso646us", "unknown8bit", "8bit", "default", "xunknown"), ""),
    **dict.fromkeys(("iso88591", "latin1", "l1", "cp819", "ibm819"), "cp1252"),
    **dict.fromkeys(("iso88599", "latin5", "l5"), "cp1254"),
    **dict.fromkeys(("iso885911", "tis620", "windows874", "dos874", "xwindows874"), "cp874"),
    **dict.fromkeys(("iso88596e", "iso88596i", "asmo708"), "iso8859_6"),
    **dict.fromkeys(("iso88598e", "iso88598i", "logical", "visual"), "iso8859_8"),
    **dict.fromkeys(
        ("gb2312", "gb231280", "gbk", "cngb", "xgbk", "eucgb2312cn", "euccn", "gb18030", "cp936"), "gb18030"
    ),
    **dict.fromkeys(("hz", "hzgb2312"), "hz"),
    **dict.fromkeys(("big5", "cnbig5", "xxbig5", "big5hkscs", "bigfive", "xbig5"), "big5hkscs"),
    **dict.fromkeys(("shiftjis", "sjis", "xsjis", "mskanji", "windows31j", "cswindows31j", "cp932"), "cp932"),
    **dict.fromkeys(("eucjp", "xeucjp", "ujis"), "euc_jp"),
    **dict.fromkeys(("iso2022jp", "csiso2022jp", "iso2022jp1", "iso2022jpms", "cp50220", "cp50221"), "iso2022_jp_ext"),
    **dict.fromkeys(("euckr", "ksc56011987", "ksc5601", "ksc56011989", "uhc", "windows949", "xwindows949"), "cp949"),
    **dict.fromkeys(("koi8", "cskoi8r", "xkoi8r", "koi"), "koi8_r"),
    **dict.fromkeys(("koi8ru",), "koi8_u"),
    **dict.fromkeys(("unicode11utf7", "utf7", "xunicode20utf7", "csunicode11utf7"), "utf_7"),
    **dict.fromkeys(("unicode11utf8", "utf8mb4", "xutf8", "unicode", "utf"), "utf_8"),
    **dict.fromkeys(("xmacroman", "macintosh", "mac", "xmacwestern"), "mac_roman"),
    **dict.fromkeys(("xmaccyrillic", "xmacukrainian"), "mac_cyrillic"),
    **dict.fromkeys(("ucs2", "iso10646ucs2", "utf16"), "utf_16"),
}
# Codecs that are no charsets of text in mail, or take more than linear time.
_NEVER = frozenset(
    ("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem", "utf_8_sig")
)
# In these an ASCII octet may mean something else, so that ASCII text still has to be decoded.
_NOT_ASCII = ("utf_7", "utf_16", "utf_32", "iso2022", "hz")


def _bare(name: str) -> str:
    """The letters and digits of a charset's name: people disagree on the signs between them."""
    return "".join(c for c in name.lower() if c.isascii() and c.isalnum())


# Python's codecs by bare name. Python is asked for no other name, because it keeps every name that it is asked for.
_KNOWN = {
    _bare(name): module
    for name, module in (
        *aliases.items(),
        *((module.name, module.name) for module in iter_modules(encodings.__path__) if not module.ispkg),
    )
}


@remembers(most=512, longest_octets=64)
def codec_of(charset: str) -> str:
    """The codec for a charset as named in mail; "" where the name says nothing useful."""
    bare = _bare(charset.partition("*")[0])
    if bare in _ALIASES:
        return _ALIASES[bare]
    for name in (bare, bare.replace("windows", "cp"), bare.removeprefix("x"), f"cp{bare}"):
        if name in _KNOWN and (codec := _text_codec(_KNOWN[name])):
            return codec
    return ""


def _text_codec(name: str) -> str:
    """The codec's own name; "" for one that this system does not have, or that is not of text."""
    try:
        codec = codecs.lookup(name).name.replace("-", "_")
        if codec not in _NEVER:
            "a".encode(codec)  # refuses hex, zlib and the like
            return codec
    except (LookupError, ValueError, TypeError, UnicodeError):
        pass
    return ""


def decode(octets: bytes, charset: str) -> str:
    """`octets` as text. A charset that is missing, unknown, or not what the octets are: UTF-8 if they are that,
    else windows-1252, the two most likely; where only some octets do not fit, those become U+FFFD."""
    codec = codec_of(charset) if charset else ""
    if octets.isascii() and not codec.startswith(_NOT_ASCII):
        return octets.decode("ascii")
    if codec:
        try:
            return octets.decode(codec)
        except (UnicodeError, ValueError):
            pass
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        try:
            return octets.decode(codec or "cp1252", "replace")
        except (UnicodeError, ValueError):
            return octets.decode("latin-1")
