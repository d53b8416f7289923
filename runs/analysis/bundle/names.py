"""Names of members: bytes to text, what is refused, what is left out, and how a name is shown.

A name is never used as a path on disk; it only labels a file. So characters that a file system would not take stay as they are.
"""

import re
import unicodedata

from runs.analysis.bundle.limits import Limits
from runs.analysis.messages import Text, message

OUTSIDE = message(
    "bundle.name_outside",
    en="The path leads out of the bundle ('..'). Pack it again from inside the folder.",
    ja="パスが束の外を指す ('..')。フォルダの中から固め直す。",
)
ABSOLUTE = message(
    "bundle.name_absolute",
    en="The path is absolute, or names a drive or a server. Pack it again with relative paths.",
    ja="絶対パス、ドライブまたはサーバを指すパスである。相対パスで固め直す。",
)
TOO_DEEP = message(
    "bundle.name_too_deep",
    en="Lies below {depth:count} folders; the limit is {most:count}.",
    ja="フォルダが {depth:count} 段ある。上限は {most:count} 段。",
)
SHORTENED = message(
    "bundle.name_shortened",
    en="Its path of {size:bytes} is shortened; the limit is {most:bytes}.",
    ja="パスが {size:bytes} あるため縮めた。上限は {most:bytes}。",
)
NO_NAME = message("bundle.name_missing", en="Has no name.", ja="名前がない。")
HAS_NUL = message("bundle.name_nul", en="The name holds a NUL character.", ja="名前に NUL 文字が含まれる。")

_DRIVE = re.compile(r"[A-Za-z]:")
_OUTSIDE = re.compile(r"^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)")
_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # controls, formats (bidirectional ones among them), surrogates, separators


def decode_name(raw: bytes) -> str:
    """UTF-8, else CP932 (where 0x5C may be a character's second byte), else bytes beyond ASCII as %XX."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        name = raw.decode("cp932")
    except UnicodeDecodeError:
        name = ""
    # Python's cp932 lets a few bytes through as C1 controls or private characters; no Japanese system writes those
    if name and not any("\x80" <= c <= "\xa0" or "\uf8f0" <= c <= "\uf8f3" for c in name):
        return name
    return "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in raw)


def checked(name: str, limits: Limits) -> tuple[str, Text | None]:
    """The path as it is listed, and why it is refused (None: it is not). Both separators count in the checks."""
    if "\0" in name:
        return shown_name(name), HAS_NUL()
    parts = [part for part in name.split("/") if part not in ("", ".")]
    refusal = None
    if name.startswith(("/", "\\")) or _DRIVE.match(name):
        refusal = ABSOLUTE()
    elif ".." in re.split(r"[/\\]", name):
        refusal = OUTSIDE()
    elif not parts:
        refusal = NO_NAME()
    elif len(parts) - 1 > limits.max_depth:
        refusal = TOO_DEEP(depth=len(parts) - 1, most=limits.max_depth)
    return (name or "?") if refusal else "/".join(parts), refusal


def shortened(name: str, most_bytes: int) -> tuple[str, Text | None]:
    """The name with its middle replaced by '…' where it is longer than `most_bytes` in UTF-8, and a remark that it is."""
    raw = name.encode("utf-8")
    if len(raw) <= most_bytes:
        return name, None
    half = (most_bytes - 3) // 2
    short = raw[:half].decode("utf-8", "ignore") + "…" + raw[-half:].decode("utf-8", "ignore")
    return short, SHORTENED(size=len(raw), most=most_bytes)


def shown_name(path: str) -> str:
    """The path with control, bidirectional and other invisible characters made visible: '␛[31m', 'a␊b', '⟨U+202E⟩gpj'."""
    return "".join(_visible(c) if unicodedata.category(c) in _HIDDEN else c for c in path)


def _visible(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"


def is_litter(path: str) -> bool:
    """Whether macOS left the file behind by itself: resource forks and folder views."""
    parts = path.split("/")
    return parts[0] == "__MACOSX" or parts[-1] == ".DS_Store" or parts[-1].startswith("._")


def look_alike_key(path: str) -> str:
    """Equal for names that differ only in case or in Unicode's composed and decomposed forms."""
    return unicodedata.normalize("NFC", path).casefold()


def numbered(path: str, taken: dict[str, int]) -> str:
    """The path, or where it is taken 'folder/a (2).log', 'folder/a (3).log' …; notes in `taken` that it is.

    `taken`: the paths, each with the number its next namesake may get, so that thousands of namesakes take no quadratic time.
    """
    if path not in taken:
        taken[path] = 2
        return path
    folder, slash, name = path.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    if not stem:
        stem, dot, suffix = name, "", ""
    number = taken[path]
    while (made := f"{folder}{slash}{stem} ({number}){dot}{suffix}") in taken:
        number += 1
    taken[path], taken[made] = number + 1, 2
    return made


def bundle_name(file_name: str) -> str:
    """A folder's or archive's name as a run id: without the suffix of an archive."""
    return re.sub(r"(?i)\.(zip|tgz|tbz2?|txz|tzst|tar(\.(gz|bz2|xz|zst))?)$", "", file_name) or file_name


def common_folder(files: list[str], refused: list[str]) -> str:
    """'name/' where every path lies in one folder of that name, else ''. An archive of a folder is that folder."""
    paths = files + [path for path in refused if not _OUTSIDE.search(path)]
    first = {path.partition("/")[0] + "/" for path in paths if "/" in path}
    return first.pop() if files and len(first) == 1 and all("/" in path for path in paths) else ""


def below(folder: str, path: str) -> str:
    """The path without the folder; one that leads out of the bundle stays as it was written."""
    return path if _OUTSIDE.search(path) else path.removeprefix(folder)
