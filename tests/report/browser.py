"""The report in a real Chromium, and everything that must not happen while it is open."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

PROGRAM = shutil.which("chromium") or shutil.which("chromium-headless-shell")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"

_WATCH = """
window.__refused = [];
addEventListener("securitypolicyviolation", (event) => {
  window.__refused.push(event.violatedDirective);
});
"""


@dataclass
class Watched:
    """A page that is open, and what it did that a report must not do."""

    page: Page
    asked_for: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def assert_quiet(self) -> None:
        """Nothing was asked of a network, refused, thrown, logged or shown as a dialog."""
        assert [url for url in self.asked_for if not url.startswith("file:")] == []
        assert len(set(self.asked_for)) == 1
        assert self.said == []
        assert self.page.evaluate("window.__refused") == []


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser, which ends with the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def opened(
    browser: Browser,
    url: str,
    *,
    scripts: bool = True,
    dark: bool = False,
    width: int = 1280,
) -> Iterator[Watched]:
    """A page in a window of its own."""
    context = browser.new_context(
        java_script_enabled=scripts,
        color_scheme="dark" if dark else "light",
        viewport={"width": width, "height": 900},
        permissions=["clipboard-read", "clipboard-write"],
        reduced_motion="reduce",
    )
    page = context.new_page()
    watched = Watched(page)
    page.add_init_script(_WATCH)
    page.on("request", lambda request: watched.asked_for.append(request.url))
    page.on("console", lambda message: watched.said.append(message.text))
    page.on("pageerror", lambda error: watched.said.append(str(error)))
    page.on("dialog", lambda dialog: watched.said.append(dialog.message))
    page.goto(url)
    yield watched
    context.close()


def violations(page: Page) -> list[str]:
    """What axe finds wrong with a page, by WCAG 2.2 AA and good practice."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(
        """() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa",
            "wcag22aa", "best-practice"] })"""
    )
    return [
        f"{one['id']}: {node['html'][:200]}" for one in found["violations"] for node in one["nodes"]
    ]
