// A finding as text for a ticket system: Markdown, which also reads well where nothing renders it.
import { _, label } from "./language.js";

export function ticket(finding, title) {
  return `${[...lines(finding, title)].join("\n")}\n`;
}

function* lines(finding, title) {
  const verdict = label("verdict", finding.get("verdict"));
  yield `## ${finding.rule} ${title}: ${finding.cluster.name}`;
  yield "";
  yield finding.get("summary");
  yield "";
  yield* fact(_("Severity"), `${label("severity", finding.severity)} · ${verdict}`);
  yield* fact(_("How sure"), label("confidence", finding.get("confidence")));
  yield* fact(_("Cluster"), finding.cluster.id);
  yield* fact(_("Resource"), finding.get("resource_id"));
  yield* fact(_("Who"), finding.say("who"));
  yield* fact(_("When"), finding.say("when"));
  yield* fact(_("How long"), finding.say("how_long"));
  yield* fact(_("Property"), finding.get("property"));
  for (const { name, text, source } of finding.trail) {
    yield* fact(name, [text, source].filter(Boolean).join(" · "));
  }
  yield "";
  yield* heading(_("What to do"));
  yield finding.say("todo");
  const commands = finding.get("commands");
  if (commands.length) yield* ["", "```", ...commands, "```"];
  yield "";
  yield* fact(_("Fingerprint"), finding.get("fingerprint"));
  yield* fact(_("Microsoft's documentation"), finding.get("link"));
}

function* fact(name, value) {
  if (value) yield `- ${name}: ${value}`;
}

function* heading(name) {
  yield* [`### ${name}`, ""];
}
