// The findings: what they are narrowed down and sorted by, and a row of them.
import { Fragment } from "preact";
import { Detail } from "./detail.jsx";
import { _, counted, label, number } from "./language.js";
import { List } from "./list.jsx";
import { Badge, Data } from "./marks.jsx";
import { tableOf } from "./table.js";

export const findingsTable = (findings) =>
  tableOf(findings, {
    facets: {
      severity: (finding) => finding.severity,
      verdict: (finding) => finding.get("verdict"),
      family: (finding) => finding.family,
      rule: (finding) => finding.rule,
      subscription: (finding) => finding.cluster.subscription,
      cluster: (finding) => finding.cluster.anchor,
      owner: (finding) => finding.cluster.owner,
      actor: (finding) => finding.get("actor_kind"),
      confidence: (finding) => finding.get("confidence"),
      state: (finding) => finding.get("state"),
      exempt: (finding) => (finding.get("exemption") == null ? "no" : "yes"),
    },
    sorts: {
      gravity: (finding) => finding.gravity,
      what: (finding) => finding.get("summary"),
      where: (finding) => finding.cluster.name,
      who: (finding) => finding.actor || undefined,
      when: (finding) => finding.get("dated") ?? undefined,
      left: (finding) => finding.get("deadline") ?? undefined,
    },
    descending: ["gravity", "when"],
    pageSize: 50,
  });

export function Findings({ table, data }) {
  const words = () => ({
    search: _("Search the findings"),
    facets: {
      severity: _("Severity"),
      verdict: _("Verdict"),
      family: _("Family"),
      rule: _("Rule"),
      subscription: _("Subscription"),
      cluster: _("Cluster"),
      owner: _("Owner"),
      actor: _("Who"),
      confidence: _("How sure"),
      state: _("State"),
      exempt: _("Exempt"),
    },
    heads: {
      gravity: _("Severity"),
      what: _("What"),
      where: _("Cluster"),
      who: _("Who"),
      when: _("When"),
      left: _("How long"),
    },
    told: (facet, value) => told(facet, value, data),
    count: (shown, all) =>
      shown === all
        ? counted("{n} finding", "{n} findings", all)
        : counted("{shown} of {n} finding", "{shown} of {n} findings", all, { shown: number(shown) }),
    nothing: table.getCoreRowModel().rows.length ? _("No finding matches.") : _("No finding."),
    pages: _("Pages of findings"),
  });
  const One = ({ row, names }) => <Row row={row} names={names} data={data} />;
  return <List name="findings" table={table} words={words} Row={One} />;
}

function told(facet, value, data) {
  if (facet === "cluster") return data.clusterNames.get(value) ?? value;
  if (facet === "rule") return `${value} ${data.title(value)}`;
  if (facet === "owner") return value || _("not tagged");
  if (facet === "exempt") return value === "yes" ? _("yes") : _("no");
  if (facet === "confidence") return label(facet, value).split(/[:：]/)[0];
  return label(facet, value);
}

function Row({ row, data, names }) {
  const finding = row.original;
  const open = row.getIsExpanded();
  const title = data.title(finding.rule);
  const inFull = `${row.id}-in-full`;
  return (
    <Fragment>
      <tr id={row.id} class={open ? "open" : ""} tabIndex={-1}>
        <td class="gravity" data-name={names.gravity}>
          <Badge kind={finding.severity}>{label("severity", finding.severity)}</Badge>
        </td>
        <td class="what" data-name={names.what}>
          <button
            type="button"
            class="unfold"
            aria-expanded={open}
            aria-controls={inFull}
            onClick={() => row.toggleExpanded()}
          >
            <Data>{finding.get("summary")}</Data>
          </button>
          <span class="rule">
            {finding.rule} {title}
          </span>
        </td>
        <td class="where" data-name={names.where}>
          <a href={`#${finding.cluster.anchor}`}>
            <Data>{finding.cluster.name}</Data>
          </a>
          <span class="place">
            <Data>{finding.cluster.subscription}</Data>
          </span>
        </td>
        <td class="who" data-name={names.who}>
          <bdi>{finding.say("who")}</bdi>
        </td>
        <td class="when" data-name={names.when}>
          {finding.get("dated") ?? _("not dated")}
        </td>
        <td class="left" data-name={names.left}>
          {finding.say("left") ?? "–"}
        </td>
      </tr>
      <tr class="in-full" id={inFull} hidden={!open}>
        <td colSpan={6}>
          {open ? <Detail finding={finding} {...{ title, clauses: data.clauses(finding.rule) }} /> : null}
        </td>
      </tr>
    </Fragment>
  );
}
