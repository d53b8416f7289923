"""The zone that the run speaks in: corrected by a person, else stated by the README, else by the logs, else assumed."""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.facts.clock import RunZone
from runs.analysis.facts.log import Log
from runs.analysis.facts.notes import DocumentHeader
from runs.analysis.registry import correlator

ASSUMED = "Asia/Tokyo"
IANA_OF_OFFSET = {"+09:00": "Asia/Tokyo"}  # the team's own zone by its offset; other offsets are shown as they are


@correlator(gives=RunZone, uses=[DocumentHeader, Log])
def run_zone(case: Case) -> Iterator[RunZone]:
    """One RunZone."""
    stated = [h.zone for h in case.all(DocumentHeader) if h.zone]
    logged = {log.zone for log in case.all(Log) if log.zone and log.zone != "Z"}
    if case.overrides.timezone:
        yield RunZone(zone=case.overrides.timezone, source="stated")
    elif stated:
        yield RunZone(zone=stated[0], source="stated")
    elif len(logged) == 1:
        (zone,) = logged
        yield RunZone(zone=IANA_OF_OFFSET.get(zone, zone), source="stated")
    else:
        yield RunZone(zone=ASSUMED, source="assumed")
