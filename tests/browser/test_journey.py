"""One incident from the upload to the exported README, as a person goes through it."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

REPORT_MS = 60_000


def test_the_whole_journey(window: Watched, bundle: Path, tmp_path: Path) -> None:
    page = window.page
    window.open("/upload/")
    page.set_input_files('input[name="folder"]', bundle)
    expect(page.locator("[data-queue] [data-name]")).to_have_text(bundle.name)
    page.click("aside button.btn-main")
    page.wait_for_url("**/runs/*/")
    key = page.url.rstrip("/").rpartition("/")[2]

    # progress comes by itself, and the report takes its place without a reload
    page.evaluate("window.sameDocument = true")
    expect(page.locator(".verdict h2")).to_be_visible(timeout=REPORT_MS)
    assert page.evaluate("window.sameDocument") is True
    assert window.widest() == 0
    files = len([path for path in bundle.rglob("*") if path.is_file()])
    expect(page.locator("#files tbody tr")).to_have_count(files)

    # a citation of frames lands on its frame, and marks it
    chip = page.locator('.verdict a.cite[href*="/frames/"]').first
    frame = (chip.get_attribute("href") or "").rpartition("#")[2]
    chip.click()
    page.wait_for_url(f"**/frames/**#{frame}")
    row = page.locator(f"#{frame}")
    expect(row).to_be_in_viewport()
    assert "sel" in (row.get_attribute("class") or "").split()
    page.go_back()

    # a citation of a log's line, too
    chip = page.locator('#files a.cite[href*="lines="]').first
    line = (chip.get_attribute("href") or "").rpartition("#")[2]
    chip.click()
    page.wait_for_url(f"**/files/**#{line}")
    row = page.locator(f"#{line}")
    expect(row).to_be_in_viewport()
    assert "asked" in (row.get_attribute("class") or "").split()

    # the timeline merges what the files hold
    window.open(f"/runs/{key}/timeline/")
    assert page.locator(".tl tbody tr").count() > 50
    assert window.widest() == 0

    # Japanese, and back in the same place
    window.open(f"/runs/{key}/")
    page.click('button[name="language"][value="ja"]')
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    assert page.url.rstrip("/").endswith(key)
    expect(page.locator(".tabs")).to_contain_text("時系列")

    with page.expect_download() as download:
        page.click('a[href*="README.md"]')
    saved = tmp_path / "README.md"
    download.value.save_as(saved)
    text = saved.read_text(encoding="utf-8")
    assert text.startswith(f"# RUN_ID={bundle.name}")
    assert all(path.name in text for path in bundle.rglob("*") if path.is_file())
    assert "取得方法" in text


def test_a_dropped_folder_is_an_upload(window: Watched, bundle: Path) -> None:
    page = window.page
    window.open("/upload/")
    names = ["README.md", "socat_pid.txt"]
    page.evaluate(
        """(files) => {
          const transfer = new DataTransfer();
          for (const [name, text] of files) transfer.items.add(new File([text], name));
          document.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
        }""",
        [[name, (bundle / name).read_text(encoding="utf-8")] for name in names],
    )
    expect(page.locator("[data-queue] [data-count]")).to_have_text("2")
    page.click("aside button.btn-main")
    page.wait_for_url("**/runs/*/")
    expect(page.locator("#files tbody tr")).to_have_count(2, timeout=REPORT_MS)


def test_it_works_without_javascript(plain_window: Watched, bundle: Path) -> None:
    page = plain_window.page
    plain_window.open("/upload/")
    page.set_input_files('input[name="files"]', [bundle / "docker_backend.log", bundle / "curl_localhost_9080_ipv4.log"])
    page.fill('input[name="label"]', "by a plain form")
    page.click("aside button.btn-main")
    page.wait_for_url("**/runs/*/")
    for _ in range(30):  # without a script the page asks again by itself every few seconds
        if page.locator("#files").count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    expect(page.locator("h1")).to_contain_text("by a plain form")
    page.click("#files a.mono >> text=docker_backend.log")
    expect(page.locator("#L1")).to_be_visible()


def test_every_page_fits_a_phone(window: Watched, bundle: Path) -> None:
    page = window.page
    window.open("/upload/")
    page.set_input_files('input[name="folder"]', bundle)
    page.click("aside button.btn-main")
    expect(page.locator("#files a.mono").first).to_be_visible(timeout=REPORT_MS)
    run = urlsplit(page.url).path
    addresses = ["/", "/upload/", run, f"{run}timeline/"]
    names = ("docker", "curl", "lo0_9080.pcap", "lo0_9080_readable")
    files = [str(page.locator(f'#files a.mono:has-text("{name}")').first.get_attribute("href")) for name in names]
    addresses += [*files, f"{files[2]}frames/", f"{files[2]}capture/", f"{files[2]}conversations/0/", f"{files[2]}frames/4/"]
    page.set_viewport_size({"width": 390, "height": 844})
    for address in addresses:
        answer = page.goto(window.address + address)
        assert answer
        assert (answer.status, window.widest()) == (200, 0), address
