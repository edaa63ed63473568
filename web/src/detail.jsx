// One finding in full: what, who, when, how sure, how long, what to do, and the trail of evidence.
import { _, label } from "./language.js";
import { Clauses, Command, Copy, Data, Link, Path } from "./marks.jsx";
import { ticket } from "./ticket.js";

export function Detail({ finding, title, clauses }) {
  return (
    <div class="inside">
      <dl class="answers">
        <dt>{_("What")}</dt>
        <dd>
          {label("verdict", finding.get("verdict"))} ·{" "}
          <a href={`#rule-${finding.rule}`}>
            {finding.rule} {title}
          </a>{" "}
          · {clauses.length > 1 ? _("Clauses") : _("Clause")} <Clauses ids={clauses} />
          <Where finding={finding} />
        </dd>
        <dt>{_("Who")}</dt>
        <dd>
          <bdi>{finding.say("who")}</bdi>
        </dd>
        <dt>{_("When")}</dt>
        <dd>
          {finding.say("when")}
          {finding.say("closed") ? <span class="closed"> {finding.say("closed")}</span> : null}
        </dd>
        <dt>{_("How sure")}</dt>
        <dd>{label("confidence", finding.get("confidence"))}</dd>
        <dt>{_("How long")}</dt>
        <dd>{finding.say("how_long")}</dd>
        <Exemption finding={finding} />
        <dt>{_("What to do")}</dt>
        <dd>
          {finding.say("todo")}
          {finding.get("commands").map((command) => (
            <Command text={command} key={command} />
          ))}
        </dd>
      </dl>
      <Trail finding={finding} />
      <p class="links">
        <a href={`#${finding.anchor}`}>{_("Link to this finding")}</a>
        <Link href={finding.get("link")}>{_("Microsoft's documentation")}</Link>
        <Copy text={() => ticket(finding, title)}>{_("Copy as a ticket")}</Copy>
        <span class="fingerprint">{finding.get("fingerprint")}</span>
      </p>
    </div>
  );
}

const Where = ({ finding }) => (
  <ul class="where">
    {finding.where.map((line, place) => (
      <li key={line}>
        <bdi>{place ? line : <Path text={line} />}</bdi>
      </li>
    ))}
  </ul>
);

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
  const steps = finding.trail;
  if (!steps.length) return null;
  return (
    <>
      <h3 class="evidence">{_("Evidence")}</h3>
      <ol class="trail">
        {steps.map(({ name, text, isValue, source }, place) => (
          <li key={place}>
            <span class="step">{name}</span>{" "}
            <span class="said">{isValue ? <code>{text}</code> : <bdi>{text}</bdi>}</span>
            {source ? <span class="source"> {source}</span> : null}
          </li>
        ))}
      </ol>
    </>
  );
}
