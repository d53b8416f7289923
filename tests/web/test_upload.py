"""The upload page: who may use it, and what it takes."""

import bz2
import gzip
import hashlib

import pytest
from django.test import Client
from django.urls import reverse

from runs.models import Blob, EvidenceFile, FileState, Membership, Role, Run, RunState, Team
from runs.uploads import _Handler
from tests.bundle.crafted import CAPTURE, LINK_MODE, tar_of, zip_member, zip_of, zip_of_members
from tests.web.uploading import BOUNDARY, multipart, only_run, paths
from tests.web.uploading import nothing_temporary_stays as nothing_temporary_stays
from tests.web.uploading import post as post


def test_the_page_needs_a_sign_in(client):
    assert client.get(reverse("upload")).status_code == 302


@pytest.mark.parametrize(("role", "offered"), [(Role.OWNER, True), (Role.REVIEWER, True), (Role.VIEWER, False)])
def test_the_form_is_for_those_who_may_add(client, member_of, role, offered):
    client.force_login(member_of("somebody", role))
    page = client.get(reverse("upload")).content.decode()
    assert ('type="file" name="files" multiple' in page) is offered
    assert ("webkitdirectory" in page) is offered


def test_a_viewer_and_a_visitor_cannot_upload(post, viewer, client, team):
    assert post(viewer, [("a.log", b"x")], team=team.slug).status_code == 403
    client.logout()
    assert client.post(reverse("upload"), {"team": team.slug}).status_code == 302
    assert not Run.objects.exists()


def test_nobody_uploads_into_a_team_of_others(post, stranger, team):
    assert post(stranger, [("a.log", b"x")], team=team.slug).status_code == 400
    assert not Run.objects.exists()


def test_a_folder_keeps_its_paths_and_names_the_run(post, member, team):
    files = [("20270101Tcase1/notes.txt", b"n\n"), ("20270101Tcase1/logs/a.log", b"x\n")]
    answer = post(member, files, team=team.slug)
    run = only_run()
    assert (answer.status_code, answer["Location"]) == (302, reverse("run", args=[run.key]))
    assert (run.label, run.state, run.team, run.created_by) == ("20270101Tcase1", RunState.QUEUED, team, member)
    assert paths(run) == ["notes.txt", "logs/a.log"]
    assert {file.state for file in run.files.all()} == {FileState.WAITING}


def test_a_readmes_run_id_wins_and_a_typed_one_over_it(post, member):
    readme = ("case/README.md", b"# RUN_ID=20270202Tother9 Something\n")
    post(member, [readme])
    assert (only_run().label, only_run().label_is_manual) == ("20270202Tother9", False)
    only_run().delete()
    post(member, [readme], label="  typed by hand ")
    assert (only_run().label, only_run().label_is_manual) == ("typed by hand", True)


def test_the_script_gets_json(post, member):
    answer = post(member, [("a.log", b"x")], script=True)
    assert answer.status_code == 201
    assert answer.json() == {"url": reverse("run", args=[only_run().key]), "label": "a"}
    answer = post(member, [], script=True)
    assert (answer.status_code, answer.json()) == (400, {"errors": ["No file was chosen."]})


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("c.zip", zip_of),
        ("c.tar", tar_of),
        ("c.tgz", lambda f: gzip.compress(tar_of(f))),
        ("c.tar.bz2", lambda f: bz2.compress(tar_of(f))),
    ],
)
def test_an_archive_is_unpacked(post, member, name, pack):
    data = {"c/README.md": b"# n\n", "c/logs/a.log": b"x\n" * 500}
    post(member, [(name, pack(data))])
    run = only_run()
    assert run.label == "c"
    assert paths(run) == ["README.md", "logs/a.log"]
    assert set(run.files.values_list("blob_id", flat=True)) == {hashlib.sha256(one).hexdigest() for one in data.values()}


def test_an_archive_in_a_folder_stays_a_file(post, member):
    post(member, [("case/inner.zip", zip_of({"a.log": b"x"})), ("case/b.log", b"y")])
    assert paths(only_run()) == ["inner.zip", "b.log"]


def test_several_archives_and_files_stand_side_by_side(post, member):
    post(member, [("one.zip", zip_of({"a.log": b"1"})), ("two.tar", tar_of({"a.log": b"2"})), ("a.log", b"3")])
    assert paths(only_run()) == ["a.log", "one/a.log", "two/a.log"]


def test_the_same_bytes_are_kept_once(post, member, own_storage):
    post(member, [("c/a.log", b"same\n"), ("c/b.log", b"same\n")])
    post(member, [("d.zip", zip_of({"x.log": b"same\n"}))])
    assert (EvidenceFile.objects.count(), Blob.objects.count()) == (3, 1)
    assert len([path for path in own_storage.rglob("*") if path.is_file()]) == 1


def test_more_than_a_hundred_files(post, member):
    post(member, [(f"case/{number}.log", str(number).encode()) for number in range(250)])
    assert only_run().files.count() == 250


def test_names_are_judged_whoever_sends_them(post, member):
    names = [
        "../../evil.txt",
        "/etc/cron.d/evil",
        "C:\\evil.txt",
        "case/../../evil",
        'a"b.log',
        "a\nb.log",
        "\u202egpj.exe",
        "ok.log",
    ]
    post(member, [(name, b"x") for name in names])
    refused = {file.path for file in only_run().files.filter(state=FileState.REFUSED)}
    assert refused == set(names[:4])
    assert set(names[4:]) <= set(paths(only_run()))


def test_refused_members_stand_in_the_run_with_their_reason(post, member):
    archive = zip_of_members(zip_member(b"link", b"/etc/passwd", mode=LINK_MODE), zip_member(b"ok.log", b"ok"))
    post(member, [("c.zip", archive)])
    refused = only_run().files.get(state=FileState.REFUSED)
    assert (refused.path, refused.blob, refused.problem and refused.problem.id) == ("link", None, "bundle.link")


def test_a_cut_archive_says_so_in_the_run(post, member):
    whole = zip_of({"a.log": b"x", "b.log": b"y"})
    post(member, [("cut.zip", whole[: whole.index(b"PK\1\2")])])
    problem = only_run().files.get(path="cut.zip").problem
    assert problem is not None
    assert problem.id == "bundle.only_part"


def test_what_is_two_things_says_as_which_it_was_read(post, member):
    post(member, [("both.pcap", zip_of_members(zip_member(b"x", b"x"), before=CAPTURE))])
    remark = only_run().files.get().remark
    assert remark is not None
    assert remark.id == "bundle.polyglot"


def test_the_token_is_checked(member, team):
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    content_type = f"multipart/form-data; boundary={BOUNDARY}"
    assert (
        client.post(reverse("upload"), multipart([("a.log", b"x")], team=team.slug), content_type=content_type).status_code == 403
    )
    assert not Run.objects.exists()
    page = client.get(reverse("upload")).content.decode()
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    body = multipart([("a.log", b"x")], csrfmiddlewaretoken=token, team=team.slug)
    assert client.post(reverse("upload"), body, content_type=content_type).status_code == 302
    assert only_run().label == "a"


def test_the_memory_does_not_grow_with_the_file(post, member, monkeypatch):
    pieces: list[int] = []
    original = _Handler.receive_data_chunk

    def noting(handler: _Handler, raw: bytes, start: int) -> bytes | None:
        pieces.append(len(raw))
        return original(handler, raw, start)

    monkeypatch.setattr(_Handler, "receive_data_chunk", noting)
    post(member, [("large.bin", bytes(5 << 20))])
    assert max(pieces) <= 256 << 10
    assert only_run().files.get().size_bytes == 5 << 20


def test_files_are_added_to_a_run(post, member, client, queued_run):
    url = reverse("run_add", args=[queued_run.key])
    client.force_login(member)
    assert client.get(url).status_code == 200
    before, revision = queued_run.files.count(), queued_run.input_revision
    answer = post(member, [("extra.log", b"new\n"), ("README.md", b"another\n")], url)
    queued_run.refresh_from_db()
    assert answer.status_code == 302
    assert queued_run.input_revision > revision
    assert queued_run.files.count() == before + 2
    assert {"extra.log", "README (2).md"} <= set(paths(queued_run))


@pytest.mark.parametrize("who", ["viewer", "stranger"])
def test_others_add_nothing_to_a_run(post, request, client, queued_run, who):
    user = request.getfixturevalue(who)
    url = reverse("run_add", args=[queued_run.key])
    client.force_login(user)
    assert client.get(url).status_code == 404
    before = queued_run.files.count()
    assert post(user, [("extra.log", b"x")], url).status_code == 404
    assert queued_run.files.count() == before


def test_a_member_of_two_teams_chooses(post, client, member, team):
    other = Team.objects.create(name="Second", slug="second")
    Membership.objects.create(team=other, user=member, role=Role.OWNER)
    client.force_login(member)
    assert '<select class="field w-100" name="team"' in client.get(reverse("upload")).content.decode()
    assert post(member, [("a.log", b"x")]).status_code == 400
    post(member, [("a.log", b"x")], team="second")
    assert only_run().team == other


def test_notes_of_the_upload_are_shown(post, client, member):
    post(member, [("c/a.log", b"x"), ("c/.DS_Store", b"x")])
    page = client.get(reverse("run", args=[only_run().key])).content.decode()
    assert "that macOS adds by itself" in page
