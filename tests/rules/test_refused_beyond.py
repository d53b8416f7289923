"""`connection_refused` where more ends refuse than the reachability matrix has rows: the rest is one finding with its number."""

from tests.kit import Run, Talk, english

RULE = "connection_refused"


def refused(n: int) -> Talk:
    """Asked twice, so that it is no scan."""
    return (
        Talk(server=f"198.51.{100 + n // 250}.{1 + n % 250}", client_port=2000 + n, at_s=n / 10)
        .syn()
        .rst()
        .waits(1)
        .syn_again()
        .rst()
    )


def test_the_rest_is_counted() -> None:
    found = Run().capture("a.pcap", *(refused(n) for n in range(1500))).found(RULE)
    listed = [f for f in found if "what" not in f.subject]
    (rest,) = [f for f in found if f.subject == {"what": "beyond the attempts"}]
    assert english(rest.title).startswith(f"{1500 - len(listed):,} more ends refuse connections")
    assert (rest.outcome, len(rest.statements[0].citations[0].frames)) == ("fail", 24)


def test_few_are_told_one_by_one_and_fallbacks_are_none() -> None:
    found = Run().capture("a.pcap", *(refused(n) for n in range(5))).found(RULE)
    assert [f.subject.get("what") for f in found] == [None] * 5
    first = [
        Talk(server=f"2001:db8::{n}", client_port=2000 + n, at_s=n).syn().rst().waits(0.1).syn_again().rst() for n in range(1, 400)
    ]
    then = [Talk(client_port=9000 + n, at_s=n + 0.2).opens().request().answer().closes() for n in range(1, 400)]
    assert [f for f in Run().capture("a.pcap", *first, *then).found(RULE) if f.outcome == "fail"] == []
