"""The plainest page that could show the same findings: what ``scripts.bench.page`` compares with.

A table of fifty rows at a time, filled from JSON by some lines of script: no facets, no detail, no
languages, no library. Whatever report.html takes longer than this is the price of what it does.
"""

from __future__ import annotations

import json

from auditor.report.view import Report

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Plain</title></head><body>
<input id="search"><p id="count"></p><table><tbody id="rows"></tbody></table>
<script type="application/json" id="data">{data}</script>
<script>
const all = JSON.parse(document.getElementById("data").textContent);
const show = (rows) => {{
  document.getElementById("count").textContent = rows.length + " findings";
  document.getElementById("rows").replaceChildren(...rows.slice(0, 50).map((row) => {{
    const line = document.createElement("tr");
    for (const text of row) {{
      const cell = document.createElement("td");
      cell.textContent = text;
      line.append(cell);
    }}
    return line;
  }}));
}};
document.getElementById("search").addEventListener("input", (event) => {{
  const sought = event.target.value.toLowerCase();
  show(all.filter((row) => row.some((text) => text.toLowerCase().includes(sought))));
}});
show(all);
</script></body></html>
"""


def page(report: Report) -> str:
    """The page, with the six columns that the report's own table has."""
    rows = [
        [
            *(row.severity, f"{row.rule_id}: {row.summary}", row.cluster_name, row.actor),
            *(str(row.occurred_at or ""), str(row.deadline_earliest or "")),
        ]
        for row in report.findings()
    ]
    text = json.dumps(rows, ensure_ascii=False)
    for one in "<>&\u2028\u2029":
        text = text.replace(one, f"\\u{ord(one):04x}")
    return _PAGE.format(data=text)
