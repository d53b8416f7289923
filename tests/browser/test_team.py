"""A team at work on one run, two of them signed in at once: bulk changes, links, notes, discussion, sign-off, search, runbooks, a token."""

import re
import shutil
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import in_both_themes
from tests.browser.conftest import Watched, upload

pytestmark = pytest.mark.browser

LESSON = "# 作業記録\n\n## 学んだこと\n\n1. **表を先に見る**: 対向の一覧があった\n"


def test_findings_and_files_are_shared_work(window: Watched, colleague: Watched, bundle: Path) -> None:
    page, other = window.page, colleague.page
    run = upload(window, bundle)

    # many at once: the other sees them on the desk, and as accepted until a day
    window.open(run)
    boxes = page.locator("input[form=bulk][name=finding]")
    boxes.nth(0).check()
    boxes.nth(1).check()
    page.locator("#bulk select[name=assignee]").select_option(label="suzuki")
    page.locator("#bulk select[name=status]").select_option("accepted")
    page.locator("#bulk input[name=accepted_until]").fill((date.today() + timedelta(days=30)).isoformat())
    page.locator("#bulk").get_by_role("button", name="Change").click()
    expect(page.locator("#notices")).to_contain_text("2 findings are changed")
    colleague.open(f"{run}?open=F1")
    expect(other.locator("#F1 .frow")).to_contain_text("accepted")
    expect(other.locator("#F2 .frow")).to_contain_text("suzuki")

    # a finding belongs with another, seen from both
    other.get_by_role("link", name="Discussion, links, history").first.click()
    other.get_by_label("Finding or run").fill("F3")
    other.get_by_role("button", name="Link", exact=True).first.click()
    other.reload()
    page.goto(other.url)
    expect(page.locator("main")).to_contain_text("F3")
    assert in_both_themes(other) == []

    # the team's note of a file, written by both at once: the later one is told, and both texts stand
    window.open(run)
    page.locator("#files").get_by_role("link", name="lo0_9080.pcap").first.click()
    file = page.url.removeprefix(window.address).partition("#")[0].partition("?")[0]
    for one in (window, colleague):
        one.open(f"{file}#note")
        one.page.locator("#note textarea").fill(f"written by {'admin' if one is window else 'suzuki'}")
    page.locator("#note").get_by_role("button", name="Save").click()
    expect(page.locator("#note .md")).to_have_text("written by admin")
    other.locator("#note").get_by_role("button", name="Save").click()
    expect(other.locator("h1")).to_have_text("admin changed this while you were writing")
    expect(other.locator("main")).to_contain_text("written by suzuki")
    assert in_both_themes(other) == []
    other.get_by_role("button", name="Put mine in its place").click()
    window.open(run)
    expect(page.locator("#files")).to_contain_text("written by suzuki")

    # all of it stands in the activity of the run and of the team
    for path in (f"{run}activity/", "/activity/"):
        window.open(path)
        expect(page.locator(".feed, main").first).to_contain_text("file note edited: written by suzuki")
        assert in_both_themes(page) == [], path


def test_a_run_is_discussed_signed_off_and_opened_again(window: Watched, colleague: Watched, bundle: Path, tmp_path: Path) -> None:
    page, other = window.page, colleague.page
    run = upload(window, bundle)
    window.open(f"{run}activity/")
    page.locator("#comments textarea").fill("@suzuki shall we close **this**?")
    page.get_by_role("button", name="Comment").click()
    expect(page.locator("#comments .md strong")).to_have_text("this")

    # who is called finds it on the desk, follows it and answers
    colleague.open("/desk/?tab=mentions")
    other.locator(".comment", has_text="shall we close").locator("a.mono").first.click()
    other.locator("#comments textarea").last.fill("Yes.")
    other.get_by_role("button", name="Comment").click()
    expect(other.locator("#comments")).to_contain_text("Yes.")
    assert in_both_themes(other) == []

    # signed off with what is open listed; the other sees who did
    window.open(f"{run}signoff/")
    page.locator("textarea[name=remark]").fill("known since spring")
    page.get_by_role("button", name=re.compile("Sign off with")).click()
    expect(page.locator(".note-line")).to_contain_text("Signed off by admin")
    colleague.open(run)
    expect(other.locator(".note-line")).to_contain_text("known since spring")

    # more evidence opens it again, for everybody to see
    late = tmp_path / "late_ping.txt"
    late.write_text("PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.\n64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=0.4 ms\n")
    colleague.open(f"{run}add/")
    other.set_input_files('input[name="files"]', late)
    other.click("aside button.btn-main")
    other.wait_for_url("**/runs/*/")
    window.open(run)
    expect(page.locator(".note-line.warn")).to_contain_text("Reopened: the evidence was changed after the sign-off")
    expect(page.locator(".note-line.warn")).to_contain_text("suzuki")
    window.open(f"{run}signoff/")
    expect(page.locator("main")).to_contain_text("Earlier sign-offs")
    assert in_both_themes(page) == []


def test_what_one_found_the_other_finds(window: Watched, colleague: Watched, bundle: Path, tmp_path: Path) -> None:
    page, other = window.page, colleague.page
    folder = tmp_path / "20260401Tlesson"
    shutil.copytree(bundle, folder)
    (folder / "lessons.md").write_text(LESSON)
    run = upload(window, folder)

    # a search for an address and a port leads to the run
    colleague.open("/search/?q=127.0.0.1%3A9080")
    assert run in other.content()
    expect(other.locator("main")).to_contain_text("Addresses and ports")
    assert in_both_themes(other) == []

    # a lesson of the notes becomes a section of a runbook with one action
    window.open(run)
    page.locator("#files").get_by_role("link", name="lessons.md").first.click()
    page.locator("#promote").get_by_role("button", name="Keep as a runbook section").first.click()
    expect(page.locator("main")).to_contain_text("対向の一覧があった")
    colleague.open("/runbooks/")
    expect(other.locator("main")).to_contain_text("topics without a section")
    assert in_both_themes(other) == []


def test_a_program_uploads_with_a_token(window: Watched, colleague: Watched, bundle: Path, tmp_path: Path) -> None:
    page, other = window.page, colleague.page
    archive = Path(shutil.make_archive(str(tmp_path / "20260402Tcurl"), "gztar", bundle.parent, bundle.name))
    window.open("/upload/")
    line = page.locator(".cmd pre", has_text="curl").first.inner_text()
    window.open("/tokens/")
    page.locator("input[name=name]").fill("capture script")
    page.get_by_role("button", name="Make a token").click()
    secret = page.locator(".cmd pre", has_text="konseki_").first.inner_text()
    assert in_both_themes(page) == []

    # the line as it is shown, with the token in the environment and an own archive
    command = re.sub(r"@\S+", f"@{archive}", line, count=1)
    done = subprocess.run(
        ["sh", "-c", command], env={"KONSEKI_TOKEN": secret, "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True
    )
    made = re.search(r'"page": ?"([^"]+)"', done.stdout)
    assert made, done.stdout
    other.goto(made[1])
    expect(other.locator(".verdict h2")).to_be_visible(timeout=60_000)

    # revoked, it opens nothing; and nobody sees another's tokens
    colleague.open("/tokens/")
    expect(other.locator("main")).to_contain_text("You have no token yet")
    window.open("/tokens/")
    page.get_by_role("button", name="Revoke capture script").click()
    expect(page.locator("#notices")).to_contain_text("revoked")
    again = subprocess.run(
        ["sh", "-c", command], env={"KONSEKI_TOKEN": secret, "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True
    )
    assert "A valid token is needed" in again.stdout
