// The clusters: their support state and why, as without this script, but to search and leaf through.
import { _, counted, label, number } from "./language.js";
import { List } from "./list.jsx";
import { Badge, Clauses, Data, SIGNS } from "./marks.jsx";
import { tableOf } from "./table.js";

const SEVERITIES = ["critical", "high", "medium", "low", "info"];
const TOLD = ["violation", "warning", "unknown"]; // the verdicts that one sees without unfolding
const OTHERS = ["pass", "not_applicable", "not_visible"];
const LINKED = ["violation", "warning"]; // the verdicts whose clauses one looks up

export const clustersTable = (clusters) =>
  tableOf(clusters, {
    facets: {
      support: (cluster) => cluster.state,
      subscription: (cluster) => cluster.subscription,
      owner: (cluster) => cluster.owner,
      version: (cluster) => cluster.version,
    },
    sorts: {
      state: (cluster) => cluster.gravity,
      name: (cluster) => cluster.name,
      version: (cluster) => cluster.version,
      owner: (cluster) => cluster.owner || undefined,
      found: (cluster) => cluster.findings,
    },
    descending: ["found"],
    pageSize: 25,
  });

export function Clusters({ table }) {
  const words = () => ({
    search: _("Search the clusters"),
    facets: {
      support: _("Support state"),
      subscription: _("Subscription"),
      owner: _("Owner"),
      version: _("Version"),
    },
    heads: {
      state: _("Support state"),
      name: _("Cluster"),
      why: _("Why"),
      version: _("Version"),
      owner: _("Owner"),
      found: _("Findings"),
    },
    told: (facet, value) => (facet === "owner" && !value ? _("not tagged") : label(facet, value)),
    count: (shown, all) =>
      shown === all
        ? counted("{n} cluster", "{n} clusters", all)
        : counted("{shown} of {n} cluster", "{shown} of {n} clusters", all, { shown: number(shown) }),
    nothing: table.getCoreRowModel().rows.length ? _("No cluster matches.") : _("No cluster was found."),
    pages: _("Pages of clusters"),
  });
  return <List name="clusters" table={table} words={words} Row={Row} />;
}

function Row({ row, names }) {
  const cluster = row.original;
  return (
    <tr id={cluster.anchor} tabIndex={-1}>
      <td class="state" data-name={names.state}>
        <Badge kind={cluster.state}>{label("support", cluster.state)}</Badge>
      </td>
      <th scope="row">
        <Data>{cluster.name}</Data>
        <span class="place">
          <Data>{cluster.place}</Data>
        </span>
      </th>
      <td data-name={names.why}>
        <ul class="reasons" lang="en">
          {cluster.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
        <Judged clauses={cluster.clauses} verdicts={TOLD} />
        <Inventory cluster={cluster} />
      </td>
      <td data-name={names.version}>{cluster.version}</td>
      <td data-name={names.owner}>{cluster.owner ? <Data>{cluster.owner}</Data> : _("not tagged")}</td>
      <td data-name={names.found}>
        <Found cluster={cluster} />
      </td>
    </tr>
  );
}

function Judged({ clauses, verdicts }) {
  const shown = clauses.filter(([verdict]) => verdicts.includes(verdict));
  if (!shown.length) return null;
  return (
    <ul class="clauses">
      {shown.map(([verdict, ids]) => (
        <li key={verdict}>
          <span class={`label ${verdict}`}>
            <span aria-hidden="true">{SIGNS[verdict]}</span> {label("verdict", verdict)}
          </span>{" "}
          {LINKED.includes(verdict) ? <Clauses ids={ids} /> : ids.join(" ")}
        </li>
      ))}
    </ul>
  );
}

function Inventory({ cluster }) {
  const { pools, facts } = cluster;
  return (
    <details class="inventory">
      <summary>
        {counted(
          "Other clauses, {n} node pool and settings",
          "Other clauses, {n} node pools and settings",
          pools.length,
        )}
      </summary>
      <Judged clauses={cluster.clauses} verdicts={OTHERS} />
      <ul class="pools">
        {pools.map(({ name, nodes, what, image }) => (
          <li key={name}>
            <strong>
              <Data>{name}</Data>
            </strong>{" "}
            {nodes} · {what} <span class="image">{image.join(" · ")}</span>
          </li>
        ))}
      </ul>
      <ul class="settings">
        {facts.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
    </details>
  );
}

function Found({ cluster }) {
  if (!cluster.findings) return _("none");
  return (
    <>
      <ul class="counts">
        {SEVERITIES.filter((severity) => cluster.found[severity]).map((severity) => (
          <li key={severity}>
            <Badge kind={severity}>
              {number(cluster.found[severity])} {label("severity", severity)}
            </Badge>
          </li>
        ))}
      </ul>
      <a class="findings-of" href={`#findings/cluster=${cluster.anchor}`}>
        {_("Show them")}
      </a>
    </>
  );
}
