// One finding in full: what, who, when, how sure, how long, what to do, and the trail of evidence.
import { _, label } from "./language.js";
import { Command, Copy, Data, Link } from "./marks.jsx";
import { ticket } from "./ticket.js";
import { howLong, moment, record, when, who } from "./words.js";

export function Detail({ finding, data, title }) {
  return (
    <div class="inside">
      <dl class="answers">
        <dt>{_("What")}</dt>
        <dd>
          {label("verdict", finding.get("verdict"))} ·{" "}
          <a href={`#rule-${finding.rule}`}>
            {finding.rule} {title}
          </a>
          <Where finding={finding} />
        </dd>
        <dt>{_("Who")}</dt>
        <dd>
          <bdi>{who(finding)}</bdi>
        </dd>
        <dt>{_("When")}</dt>
        <dd>
          {when(finding)}
          {finding.get("standing") ? null : (
            <span class="closed"> {_("On record only: the state that was read does not show it.")}</span>
          )}
        </dd>
        <dt>{_("How sure")}</dt>
        <dd>{label("confidence", finding.get("confidence"))}</dd>
        <dt>{_("How long")}</dt>
        <dd>{howLong(finding, data.asOf)}</dd>
        <Exemption finding={finding} />
        <dt>{_("What to do")}</dt>
        <dd>
          {finding.remedy || _("See the rule.")}
          {finding.get("commands").map((command) => (
            <Command text={command} key={command} />
          ))}
        </dd>
      </dl>
      <Trail finding={finding} />
      <p class="links">
        <a href={`#${finding.anchor}`}>{_("Link to this finding")}</a>
        <Link href={finding.get("docs_url")}>{_("Microsoft's documentation")}</Link>
        <Copy text={() => ticket(finding, data.asOf, title)}>{_("Copy as a ticket")}</Copy>
        <span class="fingerprint">{finding.get("fingerprint")}</span>
      </p>
    </div>
  );
}

function Where({ finding }) {
  const lines = [finding.get("resource_id")];
  if (finding.get("node_pool")) lines.push(_("node pool {name}", { name: finding.get("node_pool") }));
  if (finding.get("instances").length)
    lines.push(_("instances {names}", { names: finding.get("instances").join(", ") }));
  if (finding.get("property")) lines.push(_("property {path}", { path: finding.get("property") }));
  return (
    <ul class="where">
      {lines.map((line) => (
        <li key={line}>
          <bdi>{line}</bdi>
        </li>
      ))}
    </ul>
  );
}

function Exemption({ finding }) {
  if (finding.get("exemption") == null) return null;
  return (
    <>
      <dt>{_("Exempt")}</dt>
      <dd>
        <Data>{finding.get("exemption")}</Data>
      </dd>
    </>
  );
}

function Trail({ finding }) {
  const steps = [...trail(finding)];
  if (!steps.length) return null;
  return (
    <>
      <h3 class="evidence">{_("Evidence")}</h3>
      <ol class="trail">
        {steps.map(({ name, text, source, at, isValue }, place) => (
          <li key={place}>
            <span class="step">{name}</span>{" "}
            <span class="said">{isValue ? <code>{text}</code> : <bdi>{text}</bdi>}</span>
            {source || at ? (
              <span class="source"> {[source, at && moment(at)].filter(Boolean).join(", ")}</span>
            ) : null}
          </li>
        ))}
      </ol>
    </>
  );
}

function* trail(finding) {
  const [operation, at] = [finding.get("operation"), finding.get("occurred_at")];
  const [expected, actual] = [finding.get("expected"), finding.get("actual")];
  if (expected != null) yield { name: _("Expected"), text: expected, isValue: true };
  if (actual != null) yield { name: _("Actual"), text: actual, isValue: true };
  for (const [text, source, told] of finding.get("evidence")) {
    if (operation && told === at && text.startsWith(operation)) continue; // told in full below
    yield { name: _("Evidence"), text, source, at: told };
  }
  if (operation) {
    yield { name: _("Operation"), text: record(finding), source: _("activity log"), at };
  }
  if (finding.get("clock_basis")) yield { name: _("Clock"), text: finding.get("clock_basis") };
  const recorded = finding.get("recorded_rules").join(", ");
  if (recorded) yield { name: _("Also on record"), text: recorded };
}
