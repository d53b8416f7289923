"""Where findings and runbook sections meet: by topic, by hand, by what a note names; whether a section helped; what is unwritten."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from runs.analysis import registry
from runs.models import (
    Event,
    Run,
    RunbookSection,
    RunFinding,
    SectionAnswer,
    SectionLink,
    SectionTopic,
    Team,
)
from runs.models.fields import storable
from runs.services.history import record
from runs.services.runbook_sections import TOPICS

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from runs.models.team import AnyUser

MOST_USES = 20  # findings listed at a section


@dataclass
class Linked:
    """A section at a finding: its own words and those of its subsections, why it is here, and what was answered."""

    section: RunbookSection
    text: str
    topics: tuple[str, ...] = ()  # by which it is here of itself
    links: list[SectionLink] = field(default_factory=list)  # by which people put it here
    answer: SectionAnswer | None = None


def topics_of(finding: RunFinding, said: Collection[str] | None = None) -> tuple[str, ...]:
    """The finding's topics: `said` by the report where it still has it, else its rule's."""
    if said is not None:
        return tuple(said)
    rule = registry.rules().get(finding.rule)
    return rule.topics if rule else ()


def sections_for(finding: RunFinding, topics: Collection[str]) -> list[Linked]:
    """The sections for a finding, those that people chose first, then by topic; none stands twice within another."""
    team = RunbookSection.objects.filter(runbook__team_id=finding.team_id)
    links = SectionLink.objects.filter(Q(finding=finding) | Q(fingerprint=finding.fingerprint), section__in=team)
    by_hand: dict[int, list[SectionLink]] = {}
    for link in links.select_related("made_by"):
        by_hand.setdefault(link.section_id, []).append(link)
    by_topic = _by_topic(team.current(), topics)
    answers = {said.section_id: said for said in SectionAnswer.objects.filter(finding=finding).select_related("answered_by")}
    wanted = [*by_hand, *(pk for pk in answers if pk not in by_hand)]
    found = _with_text([*wanted, *(pk for pk in by_topic if pk not in wanted)], keep=wanted)
    for one in found:
        one.topics, one.links = by_topic.get(one.section.pk, ()), by_hand.get(one.section.pk, [])
        one.answer = answers.get(one.section.pk)
    return found


def headings_for(findings: Mapping[RunFinding, Collection[str]]) -> dict[str, list[RunbookSection]]:
    """By fingerprint, without any text: the sections of one run's findings, given with their topics. Two queries, however many."""
    teams = {finding.team_id for finding in findings}
    keys = Q(finding__in=findings) | Q(fingerprint__in=[finding.fingerprint for finding in findings])
    links = SectionLink.objects.filter(keys, section__runbook__team__in=teams, section__runbook__withdrawn_at=None)
    by_people = list(links.select_related("section__runbook"))
    wanted = {storable(topic) for topics in findings.values() for topic in topics}
    current = RunbookSection.objects.current().filter(runbook__team__in=teams)
    declared = SectionTopic.objects.filter(topic__in=wanted, section__in=current)
    rows = list(declared.select_related("section__runbook").order_by("section__runbook__name", "section__place"))
    made: dict[str, list[RunbookSection]] = {}
    for finding, topics in findings.items():
        by_hand = [one.section for one in by_people if finding.pk == one.finding_id or finding.fingerprint == one.fingerprint]
        by_topic = [row.section for row in rows if row.topic in topics]
        made[finding.fingerprint] = list(dict.fromkeys([*by_hand, *by_topic]))
    return made


def sections_about(user: "AnyUser", topics: Collection[str]) -> list[Linked]:
    """The sections of the user's teams that declare one of the topics: what a rule's page shows."""
    by_topic = _by_topic(RunbookSection.objects.visible_to(user).current(), topics)
    found = _with_text(list(by_topic), keep=())
    for one in found:
        one.topics = by_topic[one.section.pk]
    return found


def _by_topic(sections: QuerySet[RunbookSection], topics: Collection[str]) -> dict[int, tuple[str, ...]]:
    """{section: the topics by which it is meant}, those with the most first."""
    found: dict[int, tuple[str, ...]] = {}
    rows = SectionTopic.objects.filter(section__in=sections, topic__in=[storable(topic) for topic in topics])
    for pk, topic in rows.order_by("section__runbook__name", "section__place", "topic").values_list("section_id", "topic"):
        found[pk] = (*found.get(pk, ()), topic)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def _with_text(wanted: list[int], keep: Collection[int]) -> list[Linked]:
    """The sections in this order with their subsections' words; one that stands within another is left out unless in `keep`."""
    chosen = RunbookSection.objects.select_related("runbook__team").in_bulk(wanted)
    books: dict[int, list[RunbookSection]] = {}
    for row in RunbookSection.objects.filter(is_current=True, runbook__in={one.runbook_id for one in chosen.values()}):
        books.setdefault(row.runbook_id, []).append(row)
    inside: set[int] = set()
    made = []
    for section in (chosen[pk] for pk in wanted if pk in chosen):
        below = _below(section, books.get(section.runbook_id, [])) if section.is_current else []
        inside.update(row.pk for row in below)
        made.append(Linked(section, "\n\n".join([section.body, *(f"{'#' * s.level} {s.heading}\n\n{s.body}" for s in below)])))
    return [one for one in made if one.section.pk not in inside or one.section.pk in keep]


def _below(section: RunbookSection, book: Iterable[RunbookSection]) -> list[RunbookSection]:
    """The subsections, in order. What stands before the first heading has none."""
    rows: list[RunbookSection] = []
    for row in book if section.level else ():
        if row.place > section.place:
            if row.level <= section.level:
                break
            rows.append(row)
    return rows


def put(finding: RunFinding, section: RunbookSection, for_all: bool, by: "User") -> None:
    """Put a section of the finding's team at the finding, or at all with its fingerprint; once. Raises ValueError for another team's."""
    if section.runbook.team_id != finding.team_id:
        raise ValueError("a section of another team")
    ends = {"fingerprint": finding.fingerprint} if for_all else {"finding": finding}
    with transaction.atomic():
        Run.objects.select_for_update().get(pk=finding.run_id)
        _made, is_new = SectionLink.objects.get_or_create(section=section, **ends, defaults={"made_by": by})
        if is_new:
            record(finding.run, Event.SECTION_LINKED, by, finding=finding, after={**_named(section), "all": for_all})


def take_away(finding: RunFinding, link_id: int, by: "User") -> None:
    """Take away one of the links that people made; one that is gone already is no error."""
    with transaction.atomic():
        mine = Q(finding=finding) | Q(fingerprint=finding.fingerprint, section__runbook__team_id=finding.team_id)
        found = SectionLink.objects.filter(mine, pk=link_id).select_related("section__runbook").first()
        if found is not None:
            before = {**_named(found.section), "all": bool(found.fingerprint)}
            record(finding.run, Event.SECTION_UNLINKED, by, finding=finding, before=before)
            found.delete()


def answer(finding: RunFinding, section: RunbookSection, helped: bool, by: "User") -> None:
    """Say whether the section helped with the finding; the newest answer counts. Raises ValueError for another team's."""
    if section.runbook.team_id != finding.team_id:
        raise ValueError("a section of another team")
    with transaction.atomic():
        Run.objects.select_for_update().get(pk=finding.run_id)
        known = SectionAnswer.objects.filter(section=section, finding=finding).first()
        if known is not None and known.helped == helped:
            return
        SectionAnswer.objects.update_or_create(section=section, finding=finding, defaults={"helped": helped, "answered_by": by})
        record(finding.run, Event.SECTION_JUDGED, by, finding=finding, after={**_named(section), "helped": helped})


def _named(section: RunbookSection) -> dict[str, object]:
    return {"section": section.pk, "runbook": section.runbook_id, "name": section.runbook.name, "anchor": section.anchor}


@dataclass
class Uses:
    """How a section fared: answers, and the findings that it was used for, newest first."""

    helped: int = 0
    unhelpful: int = 0
    total: int = 0
    findings: list[tuple[RunFinding, bool | None]] = field(default_factory=list)  # with the answer, where there is one


def uses_of(sections: Collection[RunbookSection], team: Team) -> dict[int, Uses]:
    """By section: the findings that people linked it to (all of a fingerprint, too) or said yes or no at."""
    answers: dict[tuple[int, int], bool] = {
        (one.section_id, one.finding_id): one.helped for one in SectionAnswer.objects.filter(section__in=sections)
    }
    pairs = set(answers)
    by_fingerprint: dict[str, set[int]] = {}
    for one in SectionLink.objects.filter(section__in=sections):
        if one.finding_id is not None:
            pairs.add((one.section_id, one.finding_id))
        else:
            by_fingerprint.setdefault(one.fingerprint, set()).add(one.section_id)
    same = RunFinding.objects.filter(team=team, fingerprint__in=by_fingerprint).values_list("pk", "fingerprint")
    pairs |= {(section, pk) for pk, fingerprint in same for section in by_fingerprint[fingerprint]}
    return _uses(pairs, answers)


def _uses(pairs: set[tuple[int, int]], answers: dict[tuple[int, int], bool]) -> dict[int, Uses]:
    made: dict[int, Uses] = {}
    listed: dict[int, list[int]] = {}
    for section, finding in sorted(pairs, key=lambda pair: -pair[1]):
        uses = made.setdefault(section, Uses())
        helped = answers.get((section, finding))
        uses.total, uses.helped, uses.unhelpful = uses.total + 1, uses.helped + (helped is True), uses.unhelpful + (helped is False)
        if len(listed.setdefault(section, [])) < MOST_USES:
            listed[section].append(finding)
    wanted = {pk for pks in listed.values() for pk in pks}
    rows = RunFinding.objects.select_related("run", "review").in_bulk(wanted)
    for section, pks in listed.items():
        made[section].findings = [(rows[pk], answers.get((section, pk))) for pk in pks if pk in rows]
    return made


@dataclass(frozen=True)
class Unwritten:
    """A topic that no section of the team declares, with the faults of its runs that wait for one."""

    topic: str
    findings: int
    rules: tuple[str, ...]


def unwritten_topics(team: Team) -> list[Unwritten]:
    """What to write next: the topics without a section, those with the most findings first."""
    written = SectionTopic.objects.filter(section__in=RunbookSection.objects.current().filter(runbook__team=team))
    covered = set(written.values_list("topic", flat=True))
    faults = RunFinding.objects.filter(team=team).present().faults().order_by().values_list("rule")
    totals: dict[str, int] = dict(faults.annotate(n=Count("pk")))
    rows = []
    for topic in TOPICS:
        if topic not in covered:
            rules = [id for id, rule in registry.rules().items() if topic in rule.topics]
            fired = sorted((id for id in rules if totals.get(id)), key=lambda id: -totals[id])
            rows.append(Unwritten(topic, sum(totals[id] for id in fired), tuple(fired)))
    return sorted(rows, key=lambda row: -row.findings)
