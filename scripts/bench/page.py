"""How long report.html takes to open, to search and to sort, beside the plainest page there is.

``python -m scripts.bench.page [FINDINGS …]`` (default: 10,000 and 50,000). Both pages hold the same
hostile tenant; every number is the least of several, so that a busy machine disturbs little. What
counts is the difference within one run.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page

from auditor.report.write import write
from scripts.bench import plain
from tests.report import browser, large

TRIES = 5
USUAL = (10_000, 50_000)

_OPENED = "performance.getEntriesByType('navigation')[0].loadEventEnd"
_TYPE = """async ([box, counted, text]) => {
  const field = document.querySelector(box), count = document.querySelector(counted);
  const begun = performance.now(), before = count.textContent;
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  while (count.textContent === before) await new Promise((done) => setTimeout(done));
  return performance.now() - begun;
}"""
_SORT = """() => {
  const begun = performance.now();
  document.querySelector("table.findings th.what button").click();
  return new Promise((done) => requestAnimationFrame(() => done(performance.now() - begun)));
}"""


def main(counts: tuple[int, ...]) -> None:
    """Measure each size, the plain page first."""
    with browser.chromium() as chromium, tempfile.TemporaryDirectory() as folder:
        for count in counts:
            _measure(chromium, Path(folder), count)


def _measure(chromium: Browser, folder: Path, count: int) -> None:
    report = large.report(count)
    (path,) = write(report, folder / str(count), ["html"])
    bare = folder / f"plain-{count}.html"
    bare.write_text(plain.page(report), "utf-8")
    print(f"{count:,} findings, {sum(1 for _ in report.clusters()):,} clusters")
    for name, file in (("plain", bare), ("report", path)):
        box, counted = ("#search", "#count") if name == "plain" else _BOXES
        print(
            f"  {name:6} {file.stat().st_size / 1e6:6.1f} MB"
            f"   opens in {_least(chromium, file, lambda page: page.evaluate(_OPENED)):6.0f} ms"
            f"   searches in {_least(chromium, file, _typed(box, counted)):6.0f} ms"
        )
    sorts = _least(chromium, path, lambda page: page.evaluate(_SORT))
    print(f"  report sorts in {sorts:6.0f} ms   (its search waits 150 ms for the next key)")


_BOXES = ("#search-findings", "#findings-list .count")


def _typed(box: str, counted: str) -> Callable[[Page], float]:
    return lambda page: page.evaluate(_TYPE, [box, counted, "plain 1"])


def _least(chromium: Browser, file: Path, measure: Callable[[Page], float]) -> float:
    """The shortest time of several, each in a window of its own."""
    times = []
    for _ in range(TRIES):
        with browser.opened(chromium, file.as_uri()) as watched:
            times.append(measure(watched.page))
    return min(times)


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or USUAL)
