"""`log_errors`: a daemon's errors while the attempts failed, and logs that do not cover it."""

from tests.kit import Run, Talk, english, places, timed_out, tried

RULE = "log_errors"
FINE = [(float(s), "info", "tick") for s in range(-100, 200, 10)]


def failing() -> Run:
    return Run().capture("a.pcap", Talk().opens().request().acked().waits(30).fin())


def test_fires_grouped_by_template_with_lines() -> None:
    run = failing().log("d.log", *FINE[:10], (1, "error", "no route"), (2, "error", "disk"), (9, "error", "no route"), *FINE[20:])
    (found,) = run.found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", "medium", "firm")
    assert [(english(s.text), s.citations[0].lines) for s in found.statements] == [("2 × no route", (11, 13)), ("1 × disk", (12,))]


def test_a_critical_line_is_high() -> None:
    assert failing().log("d.log", (-5, "info", "up"), (3, "critical", "panic")).found(RULE)[0].severity == "high"


def test_levels_from_words_are_tentative() -> None:
    assert failing().log("d.log", (-5, "info", "up"), (3, "error", "panic"), stated=False).found(RULE)[0].confidence == "tentative"


def test_errors_long_before_or_after_are_not_claimed_nor_denied() -> None:
    run = failing().log("d.log", (-900, "error", "old"), *FINE, (900, "error", "new"))
    assert run.found(RULE) == []
    (excluded,) = run.excluded(RULE)
    assert "2 errors, none near the failure" in english(excluded.text)


def test_without_an_error_it_is_excluded() -> None:
    run = failing().log("d.log", *FINE)
    assert "no error among them" in english(run.excluded(RULE)[0].text)
    assert places(run.excluded(RULE)) == {"d.log": ((), (1, 30))}


def test_times_without_a_date_take_the_capture_s_day() -> None:
    run = failing().log("d.log", (-5, "info", "up"), (3, "error", "panic"), has_date=False)
    assert len(run.found(RULE)) == 1


def test_a_log_that_begins_after_the_failure_is_not_evaluable() -> None:
    (unknown,) = failing().log("d.log", (15, "info", "up")).unknown(RULE)
    assert "after the first failure" in english(unknown.missing[0])
    assert unknown.collect
    assert unknown.citations[0].lines == (1,)


def test_a_log_that_ends_before_the_failure_is_not_evaluable() -> None:
    (unknown,) = failing().log("d.log", (-500, "info", "up"), (-300, "info", "down")).unknown(RULE)
    assert "before the failure" in english(unknown.missing[0])


def test_a_log_without_times_is_not_evaluable() -> None:
    (unknown,) = failing().log("d.log").unknown(RULE)
    assert "no times" in english(unknown.missing[0])


def test_without_a_failure_all_of_the_log_counts() -> None:
    assert len(Run().log("d.log", (0, "error", "panic")).found(RULE)) == 1


def test_a_timeout_in_a_log_without_time_is_no_window() -> None:
    run = Run().curl("c.log", tried(), **timed_out(9)).log("d.log", (0, "info", "up"))
    assert run.found(RULE) == []


def test_not_evaluable_without_a_log() -> None:
    (unknown,) = failing().unknown(RULE)
    assert "log of the daemon" in english(unknown.missing[0])
    assert unknown.collect
