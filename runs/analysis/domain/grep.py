"""What a filter behind a listing can show: whether it is there, and whether its pattern could have matched at all.

Sources: ripgrep's manual (`-E, --encoding`: the next word is an encoding's name), POSIX grep (without -E a bar is a plain character).
"""

import re
import shlex

_FILTERS = ("grep", "egrep", "fgrep", "zgrep", "rg", "ag", "ack", "findstr", "awk", "match", "except", "include")


def stages(command: str) -> list[list[str]]:
    """The words of each stage of a pipe; a command that no shell would read is split at blanks."""
    try:
        lexer = shlex.shlex(command, posix=True, punctuation_chars="|;&<>()")
        lexer.whitespace_split = True
        lexer.commenters = ""
        words = list(lexer)
    except ValueError:
        words = command.split()
    made: list[list[str]] = [[]]
    for word in words[:1000]:
        if word in ("|", "|&"):
            made.append([])
        else:
            made[-1].append(word)
    return [_without_sudo(stage) for stage in made if stage]


def _without_sudo(words: list[str]) -> list[str]:
    while words and (words[0] in ("sudo", "doas", "time", "command", "env") or re.fullmatch(r"\w+=.*", words[0])):
        words = words[1:]
    return words


def is_filtered(command: str) -> bool:
    """Whether the output went through grep or its like."""
    return any(stage and stage[0].rpartition("/")[2] in _FILTERS for stage in stages(command)[1:])


def flaw(command: str) -> str | None:
    """Why a filter in the pipe cannot match: 'encoding' (`rg -E 'a|b'`), 'alternation' (`grep 'a|b'`); None where it can."""
    for stage in stages(command):
        if not stage:
            continue
        name, options = stage[0].rpartition("/")[2], stage[1:]
        if name == "rg":
            for index, word in enumerate(options):
                if re.fullmatch(r"-[a-zA-Z]*E", word) and index + 1 < len(options) and not is_encoding(options[index + 1]):
                    return "encoding"
        elif name in ("grep", "zgrep") and not any(re.match(r"-\w*[EP]|--(?:extended|perl)-regexp", word) for word in options):
            fixed = any(re.match(r"-\w*F|--fixed", word) for word in options)
            pattern = next((word for word in options if not word.startswith("-")), "")
            if "|" in pattern and "\\|" not in pattern and not fixed:
                return "alternation"
    return None


def is_encoding(word: str) -> bool:
    """Whether ripgrep would take the word as the name of an encoding."""
    return (
        re.fullmatch(
            r"auto|none|utf-?(?:8|16(?:-?[lb]e)?)|latin-?1|iso-[\w-]+|windows-\d+|shift[_-]jis|euc-\w+|gbk|big5|ascii", word.lower()
        )
        is not None
    )
