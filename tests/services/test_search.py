"""Search: what finds what, whose it is, and that the index follows the runs."""

import pytest
from django.contrib.auth.models import User

from runs.models import EntryKind, EvidenceFile, Run, SearchEntry, Team
from runs.services import runs, search_index
from runs.services.search import search
from runs.services.search_index import Words
from runs.services.search_terms import terms_of, wanted

KINDS = list(EntryKind)


@pytest.fixture
def run(team: Team) -> Run:
    return Run.objects.create(team=team, label="20261120Tnetdiag3")


def index(run: Run, *texts: str) -> None:
    search_index.write(run, [Words(EntryKind.TEMPLATE, text) for text in texts])


def found(user: User, query: str) -> list[str]:
    return [entry.text for group in search(user, wanted(query), KINDS, 20) for entry in group.entries]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("パケット再送が多い", "再送"),
        ("パケット再送が多い", "送"),
        ("パケット再送が多い", "い"),
        ("ﾊﾟｹｯﾄ再送", "パケット"),
        ("refused by 2001:db8::1", "2001:0DB8:0:0:0:0:0:1"),
        ("refused by [2001:db8::1]:9080", "2001:db8:0::1"),
        ("refused by [2001:db8::1]:9080", ":9080"),
        ("refused by [2001:db8::1]:9080", "[2001:DB8::1]:9080"),
        ("to 192.0.2.7:9080", "192.0.2.7"),
        ("to 192.0.2.7:9080", "::ffff:192.0.2.7"),
        ("to localhost:9080", "port 9080"),
        ("to localhost:9080", "localhost:9080"),
        ("192.0.2.7 port 443", "192.0.2.7:443"),
        ("ポート 443", "ポート 443"),
        ("from 00:1B:44:11:3a:b7", "001b.4411.3ab7"),
        ("from 00:1B:44:11:3a:b7", "00-1b-44-11-3a-b7"),
        ("a" * 8 + "0" * 56, "aaaaaaaa"),
        ("Connection Refused", "refu connection"),
        ("proxy_pass upstream", "proxy_pass"),
        ("straße", "STRASSE"),
    ],
)
def test_it_is_found(run: Run, viewer: User, text: str, query: str) -> None:
    index(run, text)
    assert len(found(viewer, query)) == 1


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("再び送る、再度、転送", "再送"),
        ("パケを見たケットとット", "パケット"),
        ("to 192.0.2.70", "192.0.2.7"),
        ("2001:db8::11", "2001:db8::1"),
        ("to localhost:9080", ":90"),
        ("to localhost:90801", ":9080"),
        ("9080 bytes", ":9080"),
        ("at 23:26:10", ":26"),
        ("Connection refused", "refused timeout"),
        ("anything", '" OR *'),
        ("anything", "terms:anything NOT x"),
        ("anything", "' | !x & \\"),
        ("anything", "\0"),
        ("anything", ""),
    ],
)
def test_it_is_not_found(run: Run, viewer: User, text: str, query: str) -> None:
    index(run, text)
    assert found(viewer, query) == []


def test_only_members_find_and_count(run: Run, owner: User, reviewer: User, viewer: User, stranger: User) -> None:
    index(run, *[f"refused {n}" for n in range(30)])
    for user in (owner, reviewer, viewer):
        groups = search(user, wanted("refused"), KINDS, 20)
        assert [(len(g.entries), g.more) for g in groups] == [(20, True)]
    assert search(stranger, wanted("refused"), KINDS, 20) == []
    assert search(stranger, wanted("refused"), KINDS, 20, team=run.team.slug) == []
    viewer.is_active = False
    assert found(viewer, "refused") == []


def test_secrets_are_masked_before_they_enter(run: Run, viewer: User) -> None:
    index(run, "login with password=hunter2secret failed")
    assert len(found(viewer, "login failed")) == 1
    assert found(viewer, "hunter2secret") == []
    assert not SearchEntry.objects.filter(terms__contains="hunter2secret").exists()


def test_the_index_follows_names_and_deletes(run: Run, viewer: User) -> None:
    index(run, "refused")
    runs.rename(run, "20261121Tother")
    assert found(viewer, "20261120Tnetdiag3") == []
    assert len(found(viewer, "20261121tother")) == 1
    assert len(found(viewer, "refused")) == 1
    runs.delete_run(run)
    assert found(viewer, "refused") == []


def test_a_recorded_run_is_found_by_what_stands_in_it(concluded_run: Run, viewer: User) -> None:
    def kinds(query: str) -> set[str]:
        return {group.kind for group in search(viewer, wanted(query), KINDS, 20)}

    assert kinds(concluded_run.label) >= {"run"}
    assert "finding" in kinds(concluded_run.findings.all()[0].rule)
    assert "address" in kinds("0:0:0:0:0:0:0:1 :9080")
    file = EvidenceFile.objects.filter(run=concluded_run, blob__isnull=False).latest("pk")
    assert kinds(str(file.blob_id)) == {"file"}
    before = SearchEntry.objects.filter(file=file).count()
    assert before
    runs.remove_file(file)
    assert kinds(str(file.blob_id)) == set()


def test_runs_from_before_are_taken_up(concluded_run: Run, viewer: User) -> None:
    had = SearchEntry.objects.count()
    SearchEntry.objects.all().delete()
    assert search_index.adopt(5) == 1
    assert SearchEntry.objects.count() == had
    assert search_index.adopt(5) == 0


def test_terms_are_bounded() -> None:
    assert len(terms_of("x " * 100_000)) <= 4_000
    assert max(map(len, terms_of("y" * 5_000))) <= 64


def test_a_long_word_costs_no_more_than_its_length() -> None:
    """A pattern that looks back over the whole word for each of its letters would take minutes here."""
    text = "y" * 50_000
    assert terms_of(f"{text} host1:8080")[-1] == "port8080"
