"""Makes docs/screenshot-run.png, the README's picture, anew: `make screenshot`. A portal of its own, the demo run, Chromium."""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests.browser.conftest import watch
from tests.conftest import find_chromium
from tests.stack.portal import Portal, free_port

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "screenshot-run.png"
SIZE = {"width": 1440, "height": 900}
DEMO = "20261120Tnetdiag3"
LOADED_MS = 120_000


def main() -> int:
    """Take the picture; 1 where there is no browser."""
    program = find_chromium()
    if program is None:
        print("no Chromium: install it, or name one by CHROMIUM=/path/to/chrome", file=sys.stderr)  # noqa: T201  a command line tool
        return 1
    folder = Path(tempfile.mkdtemp(prefix="konseki-screenshot-"))
    portal = Portal(folder / "var", free_port())
    try:
        portal.ready()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
            context = browser.new_context(viewport=SIZE, locale="en-US", timezone_id="Asia/Tokyo", color_scheme="light")  # type: ignore[arg-type]
            window = watch(context, portal)
            window.sign_in(portal)
            link = window.page.get_by_role("link", name=DEMO, exact=True)
            for _ in range(60):
                if link.count():
                    break
                window.page.wait_for_timeout(1_000)
                window.open("/")
            link.click()
            expect(window.page.locator(".verdict h2")).to_be_visible(timeout=LOADED_MS)
            window.page.reload(wait_until="networkidle")
            window.page.screenshot(path=PICTURE)
            browser.close()
    finally:
        portal.end()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
