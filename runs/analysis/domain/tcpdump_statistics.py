"""tcpdump's lines on standard error: banner, running counters and the three sums at the end.

Sources: tcpdump.c of tcpdump 3.9 to 4.99 ('listening on', 'Got %u', 'packets captured', 'received by filter', 'dropped by').
"""

import re
from dataclasses import dataclass, field

from runs.analysis.facts.capture import CaptureStatistics

LISTENING = re.compile(
    r"(?:\S*tcpdump: )?listening on (?P<interface>[^,]+), link-type (?P<linktype>.+?)"
    r"(?:, (?:capture size|snapshot length) (?P<snaplen>\d{1,10}) bytes)?\s*$"
)
_COUNTERS = re.compile(r"(?:Got \d{1,12}\s*?\r?)*(?:Got (?P<last>\d{1,12})[\r ]?)?")
_GLUED = re.compile(r"(?:\^C)?(?:Got \d{1,12}[\r ]?)*?Got (?P<digits>\d{2,24}) packets? captured$")
_SUM = re.compile(
    r"(?:\^C)?(?:.*[\r ]|.*Got \d+[\r])?(?P<count>\d{1,15}) packets? (?P<what>captured|received by filter|dropped by kernel|dropped by interface)\b"
)
_ANY = re.compile(r".{0,200}?\bpackets? (?:captured|received by filter|dropped by (?:kernel|interface))\b|(?:\^C)?Got \d")


@dataclass
class _Run:
    """One run of tcpdump."""

    said: dict[str, int | str | None] = field(default_factory=dict)
    host: str | None = None
    got: int = 0  # the last counter that stands alone
    glued: tuple[str, int] | None = None  # digits of counter and sum run together, and their line


class StatisticsReader:
    """Collects CaptureStatistics from the lines of any text; `take` says whether a line was tcpdump's own."""

    def __init__(self) -> None:
        self.runs: list[_Run] = []
        self.unreadable: list[int] = []  # lines whose counters and sum cannot be told apart

    def take(self, text: str, line: int, host: str | None = None) -> bool:
        """Read one physical line."""
        banner = LISTENING.match(text)
        if banner is not None:
            self.runs.append(_Run(host=host))
            self.runs[-1].said |= {"interface": banner["interface"].strip(), "linktype_name": banner["linktype"].strip()}
            self.runs[-1].said |= {"listening_line": line, "snaplen": int(banner["snaplen"]) if banner["snaplen"] else None}
            return True
        if not _ANY.match(text):
            return text.startswith(("tcpdump: verbose output suppressed", "tcpdump: data link type", "reading from file ", "^C"))
        stripped = text.strip()
        glued = _GLUED.match(stripped) if "\r" not in text.rstrip("\r") or stripped.rpartition("\r")[2].startswith("Got") else None
        if glued is not None:
            run = self._run("captured", host)
            run.glued = (glued["digits"], line)
            run.got = max((int(n) for n in re.findall(r"Got (\d{1,12})(?=[\r G])(?! packets?)", stripped)), default=0)
            run.said["captured_line"] = line
            return True
        found = _SUM.match(stripped)
        if found is None:
            return stripped.startswith(("Got ", "^CGot "))
        name = {
            "captured": "captured",
            "received by filter": "received",
            "dropped by kernel": "dropped",
            "dropped by interface": "interface",
        }[found["what"]]
        fields = {
            "captured": ("captured", "captured_line"),
            "received": ("received_by_filter", "received_line"),
            "dropped": ("dropped_by_kernel", "dropped_line"),
            "interface": ("dropped_by_interface", "dropped_by_interface_line"),
        }[name]
        run = self._run(fields[0], host)
        run.said |= {fields[0]: int(found["count"]), fields[1]: line}
        return True

    def _run(self, name: str, host: str | None) -> _Run:
        """The run that this sum belongs to: the last one, unless that has it already."""
        known = f"{name}_line" if name == "captured" else name
        if not self.runs or known in self.runs[-1].said:
            self.runs.append(_Run(host=host))
        return self.runs[-1]

    def finish(self) -> list[CaptureStatistics]:
        """The facts, in the order of the text."""
        facts = []
        for run in self.runs:
            if run.glued is not None:
                digits, line = run.glued
                received = run.said.get("received_by_filter")
                captured = split_counter(digits, run.got, received if isinstance(received, int) else None)
                if captured is None:
                    self.unreadable.append(line)
                run.said["captured"] = captured
            facts.append(CaptureStatistics(host=run.host, **run.said))  # type: ignore[arg-type]
        return facts


def split_counter(digits: str, previous: int = 0, received: int | None = None) -> int | None:
    """The sum in a counter and a sum that run together: 30 of '3030' ('Got 30' and '30 packets captured').

    The counter only grows, so it is at least `previous`; the sum is at least the counter, and no more than `received`, what
    passed the filter, where that is told. Numbers begin with no zero. Of several ways the one whose counter is nearest to the
    sum holds, since tcpdump prints the counter every second until the end. None where no way is left.
    """
    best: tuple[int, int] | None = None
    for at in range(1, len(digits)):
        head, tail = digits[:at], digits[at:]
        if tail[0] == "0" or (head[0] == "0" and head != "0"):
            continue
        counter, total = int(head), int(tail)
        if previous <= counter <= total and (received is None or total <= received) and (best is None or total - counter < best[0]):
            best = (total - counter, total)
    return best[1] if best else None
