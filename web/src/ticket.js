// A finding as text for a ticket system: Markdown, which also reads well where nothing renders it.
import { _, label } from "./language.js";
import { howLong, record, when, who } from "./words.js";

export function ticket(finding, asOf, title) {
  return `${[...lines(finding, asOf, title)].join("\n")}\n`;
}

function* lines(finding, asOf, title) {
  const verdict = label("verdict", finding.get("verdict"));
  yield `## ${finding.rule} ${title}: ${finding.cluster.name}`;
  yield "";
  yield finding.get("summary");
  yield "";
  yield* fact(_("Severity"), `${label("severity", finding.severity)} · ${verdict}`);
  yield* fact(_("How sure"), label("confidence", finding.get("confidence")));
  yield* fact(_("Cluster"), finding.cluster.id);
  yield* fact(_("Resource"), finding.get("resource_id"));
  yield* fact(_("Who"), who(finding));
  yield* fact(_("When"), when(finding));
  yield* fact(_("How long"), howLong(finding, asOf));
  yield* fact(_("Property"), finding.get("property"));
  yield* fact(_("Expected"), finding.get("expected"));
  yield* fact(_("Actual"), finding.get("actual"));
  yield* fact(_("Operation"), finding.get("operation") && record(finding));
  for (const [text, source, at] of finding.get("evidence")) {
    yield* fact(_("Evidence"), [text, source, at].filter(Boolean).join(" · "));
  }
  yield "";
  yield* heading(_("What to do"));
  yield finding.remedy || _("See the rule.");
  const commands = finding.get("commands");
  if (commands.length) yield* ["", "```", ...commands, "```"];
  yield "";
  yield* fact(_("Fingerprint"), finding.get("fingerprint"));
  yield* fact(_("Microsoft's documentation"), finding.get("docs_url"));
}

function* fact(name, value) {
  if (value) yield `- ${name}: ${value}`;
}

function* heading(name) {
  yield* [`### ${name}`, ""];
}
