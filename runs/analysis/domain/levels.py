"""Severities of log lines: the words programs print for them, and what may be read from a message that has none.

A word inside a message proves nothing ('error=0', 'unsatisfied', 'no errors found'): only a label that stands first, in its own
field or in a structured key counts as stated, and only a phrase at the very start of a message is read as a failure.
"""

import re

from runs.analysis.facts.log import LEVELS

UNKNOWN, DEBUG, INFO, NOTICE, WARNING, ERROR, CRITICAL = range(len(LEVELS))

# Labels of syslog, nginx, Python, Go, Java, PostgreSQL, glog and macOS, in lower case.
LABELS = {
    "trace": DEBUG, "debug": DEBUG, "dbg": DEBUG, "verbose": DEBUG, "fine": DEBUG, "finer": DEBUG, "finest": DEBUG,
    "info": INFO, "information": INFO, "informational": INFO, "inf": INFO, "log": INFO, "default": INFO, "activity": INFO, "statement": INFO,
    "notice": NOTICE, "note": NOTICE, "hint": NOTICE,
    "warn": WARNING, "warning": WARNING, "wrn": WARNING,
    "error": ERROR, "err": ERROR, "severe": ERROR, "fail": ERROR, "failure": ERROR,
    "crit": CRITICAL, "critical": CRITICAL, "fatal": CRITICAL, "panic": CRITICAL, "alert": CRITICAL, "emerg": CRITICAL,
    "emergency": CRITICAL, "fault": CRITICAL,
}  # fmt: skip
_LABEL = re.compile(r"[\[<(]?([A-Za-z]{3,13})[\])>]?(?:\s*[:|\]-]|\s|$)")
_KEY = re.compile(r"(?:^|[\s,{])\"?(?:level|lvl|severity|loglevel)\"?\s?[=:]\s?\"?([A-Za-z]{3,13})\b")
_EARLY = re.compile(r"(?:[\w.:/\[\]-]{1,60}\s+){1,2}[\[(]?(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)\b")
_REDIS = re.compile(r"\d{1,9}:[MSCX] \d\d \w{3} \d{4} [\d:.]{8,15} ([.*#-]) ")
_INNER_TIME = re.compile(
    r"\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d[\d.,]*\s?(?:Z|[+-]\d\d:?\d\d|[A-Z]{3,4})?\]?\s*(?:\[[\w.:/-]{1,40}\]\s*|\d+#\d+:\s*)*"
)
_FAILURE = re.compile(
    r"(?:panic: |fatal error: |Traceback \(most recent call last\)|Exception in thread |Unhandled exception|\w+Exception: |\w+Error: "
    r"|Segmentation fault|Out of memory: |Assertion failed|Connection refused|connect\(\) failed|Failed to |Cannot |Could not |Unable to )"
)


def stated_level(message: str) -> int:
    """The level that a message states of itself: a leading label or a level key; UNKNOWN where it states none."""
    match = _LABEL.match(message)
    if match is not None:
        level = LABELS.get(match[1].lower(), UNKNOWN)
        # 'Note that …' or 'log rotated' are sentences: a bare word counts only in capitals or before a colon or bracket
        if level and (match[1].isupper() or match[0].rstrip()[-1:] in ":])>|"):
            return level
    if "l" in message and (key := _KEY.search(message[:300])) is not None:
        return LABELS.get(key[1].lower(), UNKNOWN)
    return UNKNOWN


def worded_level(message: str) -> int:
    """ERROR for a message that begins with a plain phrase of failure, CRITICAL for a crash; else UNKNOWN."""
    match = _FAILURE.match(message)
    if match is None:
        return UNKNOWN
    return CRITICAL if match[0].startswith(("panic", "fatal", "Out of memory")) else ERROR


def labelled_level(message: str) -> int:
    """The level that a message states, which may begin with a time, a pid and a logger's name of its own."""
    level = stated_level(message)
    if level:
        return level
    if (redis := _REDIS.match(message)) is not None:
        return {"#": WARNING, "*": NOTICE, "-": INFO, ".": DEBUG}[redis[1]]
    early = _EARLY.match(message)
    if early is not None:
        return LABELS[early[1].lower()]
    inner = _INNER_TIME.match(message)
    return stated_level(message[inner.end() :]) if inner is not None else UNKNOWN


def label_level(label: str) -> int:
    """The level of a label that stands in a field of its own ('warn', 'ERROR', 'E'); UNKNOWN for any other word."""
    return LABELS.get(label.lower(), UNKNOWN)
