"""A capture read in a real browser as one reads it in Wireshark: graph, filter, frame, conversation, stream, download."""

import re
import struct
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watched
from tests.browser.test_capture import REPORT_MS, drag, uploaded
from tests.packets.crafted import Segment, handshake, pcap_of

pytestmark = pytest.mark.browser

COUNT = "#pk [data-said]"
ROWS = "#pk .pk tbody tr"


def ask(page: Page, words: str) -> None:
    """Type a filter and send it."""
    page.fill("#id_filter", words)
    page.press("#id_filter", "Enter")


def packets(data: bytes) -> int:
    """How many records a little-endian pcap has."""
    assert data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1")
    at, count = 24, 0
    while at < len(data):
        at += 16 + struct.unpack_from("<I", data, at + 8)[0]
        count += 1
    assert at == len(data)
    return count


def test_from_the_graph_to_the_bytes_of_a_stream(window: Watched, bundle: Path, tmp_path: Path) -> None:
    page = window.page
    window.open(uploaded(window, bundle))
    expect(page.locator("#plot .uplot")).to_have_count(2)
    drag(page, 0.4, 0.8)
    page.wait_for_url("**/capture/?start=*&end=*")

    # the frames of the zoomed range, as a filter that one can change
    page.click("#io-frames")
    expect(page.locator("#id_filter")).to_have_value(re.compile(r"frame \d+-\d+"))
    assert 0 < page.locator(ROWS).count() < 30

    # a right filter changes the list in place, and the address with it
    page.evaluate("window.sameDocument = true")
    ask(page, "tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0")
    page.wait_for_url("**?filter=tcp*")
    expect(page.locator("#F1")).to_be_visible()
    expect(page.locator(COUNT)).to_have_text(re.compile(r"^\d of 30$"))
    expect(page.locator("#live")).to_have_text(page.locator(COUNT).inner_text())
    assert page.evaluate("window.sameDocument") is True
    few = page.locator(ROWS).count()

    # a wrong one says where it is wrong, and puts the cursor there
    ask(page, "tcp port 9080 and hots ::1")
    expect(page.locator("#mistake mark")).to_have_text("h")
    expect(page.locator("#mistake")).to_contain_text("Character 19:")
    expect(page.locator("#id_filter")).to_have_attribute("aria-invalid", "true")
    page.wait_for_function("document.activeElement.id === 'id_filter' && document.activeElement.selectionStart === 18")
    assert page.locator(ROWS).count() == 0
    assert window.widest() == 0

    page.go_back()
    expect(page.locator(ROWS)).to_have_count(few)
    expect(page.locator("#id_filter")).to_have_value(re.compile("tcp-syn"))
    page.click("#pk >> text=Clear the filter")
    expect(page.locator(ROWS)).to_have_count(30)
    page.wait_for_url(re.compile(r"/frames/(\?|#|$)(?!.*filter=)"))

    # a frame: a field marks its bytes
    page.click("#F4 td:first-child a")
    page.wait_for_url("**/frames/4/")
    page.click("#opened details[open] .fld >> nth=1")
    expect(page.locator("#opened pre mark").first).to_be_visible()
    page.wait_for_url("**?field=*")

    # its conversation, what was said in it, and its packets as a file of their own
    page.click(".crumb a[href*='/conversations/']")
    expect(page.locator("#ladder")).to_be_visible()
    with page.expect_download() as download:
        page.click("a[href$='conversation.pcap']")
    saved = tmp_path / "conversation.pcap"
    download.value.save_as(saved)
    page.click("text=Follow stream")
    page.wait_for_url("**/stream/*")
    expect(page.locator("main")).to_contain_text("GET ")
    assert window.widest() == 0
    page.go_back()
    page.click("main .head a[href*='conversation=']")
    expect(page.locator(COUNT)).to_have_text(f"{packets(saved.read_bytes())} of 30")


def test_paging_and_going_to_a_frame(window: Watched, bundle: Path, tmp_path: Path) -> None:
    page = window.page
    capture = tmp_path / "many.pcap"
    records = (bundle / "lo0_9080.pcap").read_bytes()
    capture.write_bytes(records[:24] + records[24:] * 12)
    window.open("/upload/")
    page.set_input_files('input[name="files"]', capture)
    page.click("aside button.btn-main")
    page.wait_for_url("**/runs/*/")
    page.locator('#files a[href*="/capture/"]').first.click(timeout=60_000)
    page.click(".head a[href*='/frames/']")
    expect(page.locator(ROWS)).to_have_count(100)
    page.click("nav.top-pages a[rel=next]")
    page.wait_for_url("**?from=101*")
    expect(page.locator(ROWS).first).to_have_id("F101")
    page.reload()  # the address alone gives the same page
    expect(page.locator(ROWS).first).to_have_id("F101")
    page.click("nav.pages:not(.top-pages) >> text=Last frames")
    expect(page.locator(ROWS).last).to_have_id("F360")
    expect(page.locator("#pk")).to_be_in_viewport()
    page.click("nav.top-pages a[rel=prev]")
    expect(page.locator(ROWS).last).to_have_id("F260")
    page.fill("#id_goto", "222")
    page.press("#id_goto", "Enter")
    page.wait_for_url("**#F222")
    expect(page.locator("#F222")).to_be_in_viewport()
    expect(page.locator("#F222")).to_have_class(re.compile(r"\bsel\b"))


def test_a_stream_says_where_bytes_are_missing(window: Watched, tmp_path: Path) -> None:
    page = window.page
    capture = tmp_path / "gap.pcap"
    lines = [b"the first line of it\n", b"never captured, twenty-nine\n\n", b"the last line of it\n"]
    ends = [501 + sum(map(len, lines[:n])) for n in range(3)]
    answer = [Segment(1, end, 105, line) for end, line in zip(ends, lines, strict=True)]
    capture.write_bytes(pcap_of([*handshake(), Segment(0, 101, 501, b"ask\n"), answer[0], answer[2], Segment(0, 105, ends[1])]))
    window.open("/upload/")
    page.set_input_files('input[name="files"]', capture)
    page.click("aside button.btn-main")
    page.wait_for_url("**/runs/*/")
    page.locator('#files a[href*="/capture/"]').first.click(timeout=REPORT_MS)
    page.click("#conversations tbody a >> nth=0")
    expect(page.locator("#ladder svg")).to_be_visible()
    page.click("text=Follow stream")
    page.wait_for_url("**/stream/*")
    expect(page.locator(".turn.d1 .hole")).to_contain_text(str(len(lines[1])))
    expect(page.locator(".turn.d1")).to_contain_text("the last line of it")
    assert "never captured" not in page.locator("main").inner_text()
    page.click("text=Hex")
    expect(page.locator(".turn.d0 pre")).to_contain_text("61 73 6b 0a")
    assert window.widest() == 0


def test_keys_lead_through_frames(window: Watched, bundle: Path) -> None:
    page = window.page
    window.open(uploaded(window, bundle).replace("/capture/", "/frames/"))
    page.focus("#F4 td:first-child a")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('tr').id") == "F6"
    page.keyboard.press("Home")
    page.keyboard.press("ArrowUp")  # there is none above
    page.keyboard.press("Enter")
    page.wait_for_url("**/frames/1/")
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/frames/2/")
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_url("**/frames/3/")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**/frames/2/")


def test_it_fits_a_phone_in_the_dark(window: Watched, bundle: Path) -> None:
    address = uploaded(window, bundle).replace("/capture/", "/frames/")
    window.page.set_viewport_size({"width": 390, "height": 844})
    window.page.emulate_media(color_scheme="dark")
    for query in ("?frames=22-23#F22", "?filter=" + "tcp+and+" * 20 + "%E6%97%A5", "?filter=frame+99"):
        window.open(address + query)
        expect(window.page.locator("#id_filter")).to_be_visible()
        assert window.widest() == 0


def test_without_scripts_filter_and_links_work(window: Watched, plain_window: Watched, bundle: Path) -> None:
    page = plain_window.page
    plain_window.open(uploaded(window, bundle).replace("/capture/", "/frames/"))
    ask(page, "frame 4-6 or frame 20")
    expect(page.locator(COUNT)).to_have_text("4 of 30")
    assert "filter=" in page.url
    page.click("#pk >> text=Only remarks")
    expect(page.locator(ROWS)).to_have_count(2)
    ask(page, "tcp port")
    expect(page.locator("#mistake")).to_contain_text("Character 9:")
    page.click(".asks a >> nth=0")
    assert page.locator(ROWS).count() > 0
    page.fill("#id_goto", "20")
    page.press("#id_goto", "Enter")
    expect(page.locator("#F20")).to_have_class(re.compile(r"\bsel\b"))
    page.click("#F20 td:first-child a")
    page.wait_for_url("**/frames/20/")
