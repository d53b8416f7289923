"""Hostile archives through the browser's upload: every member is listed or refused by name, and nothing of them comes alive."""

import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

REPORT_MS = 60_000
NAMES = [
    "<img src=x onerror=alert(1)>.log",
    '"><svg onload=alert(2)>.txt',
    "' onmouseover='alert(3)'.txt",
    "javascript:alert(4).md",
    "\u202egpj.exe.txt",
    "\x1b[31mred.txt",
]
README = b"""# RUN_ID=<script>alert(5)</script>
| file | how | when | found |
| --- | --- | --- | --- |
| `a.log` | `curl http://192.0.2.1/<img src=http://192.0.2.1/x>` | 10:00 | <img src="http://192.0.2.1/pixel"> [x](javascript:alert(6)) |
"""


def names_archive(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in NAMES:
            archive.writestr(name, "<script>alert(7)</script><img src=//192.0.2.1/y>\n")
        archive.writestr("README.md", README)
    return path


def escaping_archive(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../outside.txt", "x")
        archive.writestr("/etc/absolute.txt", "x")
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("kept.txt", "59517\n")
    return path


def device_archive(path: Path) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, kind in (
            ("hard", tarfile.LNKTYPE),
            ("soft", tarfile.SYMTYPE),
            ("fifo", tarfile.FIFOTYPE),
            ("null", tarfile.CHRTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("kept.txt")
        info.size = 6
        archive.addfile(info, io.BytesIO(b"59517\n"))
    return path


def upload(window: Watched, path: Path) -> None:
    window.open("/upload/")
    window.page.set_input_files('input[name="files"]', path)
    window.page.click("aside button.btn-main")
    window.page.wait_for_url("**/runs/*/")
    expect(window.page.locator("#files")).to_be_visible(timeout=REPORT_MS)


def test_names_and_contents_stay_text_on_every_page(window: Watched, tmp_path: Path) -> None:
    page = window.page
    upload(window, names_archive(tmp_path / "names.zip"))
    assert page.locator("#files tbody tr").count() == len(NAMES) + 1
    addresses = [link.get_attribute("href") for link in page.locator("#files a.mono").all()]
    run = page.url
    assert len(addresses) == len(NAMES) + 1
    for address in [run, f"{run}timeline/", *(window.address + str(a) for a in addresses)]:
        page.goto(address)
        assert page.locator("main img, main script, main svg[onload], main [onmouseover], main a[href^=javascript]").count() == 0
        assert "\u202e" not in page.inner_text("body")
    with page.expect_download() as download:
        page.goto(run)
        page.click('a[href*="README.md"]')
    assert download.value.suggested_filename == "README.md"


@pytest.mark.parametrize("make", [escaping_archive, device_archive])
def test_what_would_escape_is_refused_by_name(window: Watched, tmp_path: Path, make) -> None:
    upload(window, make(tmp_path / ("x.tar" if make is device_archive else "x.zip")))
    page = window.page
    refused = page.locator("#files tbody tr", has_text="refused")
    assert refused.count() >= 3
    expect(page.locator("#files tbody tr", has_text="kept.txt")).to_have_count(1)
    assert "root:" not in page.inner_text("body")


def test_a_broken_archive_is_a_clear_line(window: Watched, tmp_path: Path) -> None:
    path = tmp_path / "cut.tar.gz"
    path.write_bytes(b"\x1f\x8b\x08\x00" + b"\0" * 40)
    page = window.page
    window.open("/upload/")
    page.set_input_files('input[name="files"]', path)
    page.click("aside button.btn-main")
    expect(page.locator("[data-errors] .errorline, #files tbody tr").first).to_be_visible(timeout=REPORT_MS)
