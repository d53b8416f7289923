"""axe-core on a page: what it finds of serious faults, in the page's present theme."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = ("serious", "critical")


def faults(page: Page) -> list[str]:
    """Serious and critical findings, each as 'rule: element'."""
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {node['html'][:120]}" for v in found if v["impact"] in GRAVE for node in v["nodes"]]


def in_both_themes(page: Page) -> list[str]:
    """The same in the light and in the dark theme."""
    made = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        page.evaluate("theme => document.documentElement.dataset.bsTheme = theme", theme)
        made += [f"{theme}: {fault}" for fault in faults(page)]
    return made
