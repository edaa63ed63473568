// The page without this script says everything that matters; with it, one can search.
import { render } from "preact";
import { flushSync } from "preact/compat";
import { follow, written } from "./address.js";
import { Clusters, clustersTable } from "./clusters.jsx";
import { foresee, read } from "./data.js";
import { Findings, findingsTable } from "./findings.jsx";
import { _, begin, current, LANGUAGES, onLanguage, speak } from "./language.js";
import { Copy } from "./marks.jsx";
import { prepare } from "./paper.js";
import { show } from "./table.js";

const byId = (id) => document.getElementById(id);

const data = read(byId("report-data"));
begin(data);
document.documentElement.className = "scripted";

const findings = findingsTable(data.findings);
const clusters = clustersTable(data.clusters);
settle("clusters-list", <Clusters table={clusters} />);
settle("findings-list", <Findings table={findings} data={data} />);

/** Put a list where its rows stand that need no script. */
function settle(id, list) {
  const room = byId(id);
  room.replaceChildren();
  render(list, room);
}

/** Unfold what an element lies in, and put the reader there. */
function reveal(element) {
  for (let node = element; node; node = node.parentElement) {
    if (node instanceof HTMLDetailsElement) node.open = true;
  }
  element.scrollIntoView();
  if (element.tabIndex === -1) element.focus({ preventScroll: true });
}

/** Go where the address says: to a finding or cluster, to a selection of findings, to any other place. */
function arrive() {
  const place = named(location.hash);
  flushSync(() => {
    show(findings, place) || show(clusters, place) || follow(findings, location.hash);
  });
  const element = byId(place.startsWith("findings/") ? "findings" : place);
  if (element) reveal(element);
}

function named(hash) {
  try {
    return decodeURIComponent(hash.slice(1));
  } catch {
    return ""; // no address that this page has made
  }
}

/** The address of what is shown, so that it can be sent; a link to a place stays as it is. */
function keepAddress() {
  const address = written(findings);
  const isView = /^#findings(\/|$)/.test(location.hash);
  if (address === location.hash || (address === "#findings" && !isView)) return;
  history.replaceState(null, "", address);
}

function Tools() {
  const [other] = Object.keys(LANGUAGES).filter((language) => language !== current());
  return (
    <button type="button" lang={other} onClick={() => speak(other)}>
      {LANGUAGES[other]}
    </button>
  );
}

/** What stands outside the lists and speaks the reader's language. */
function renderTools() {
  render(<Tools />, byId("tools"));
  for (const button of document.querySelectorAll(".command > .copy")) {
    const text = button.previousElementSibling.textContent.trim();
    render(<Copy text={() => text}>{_("Copy")}</Copy>, button);
  }
}

for (const command of document.querySelectorAll("main > section > .command")) {
  const button = document.createElement("div");
  button.className = "copy";
  command.append(button);
}
renderTools();
onLanguage(renderTools);
prepare([
  { table: clusters, note: byId("clusters-more"), file: "clusters.csv" },
  { table: findings, note: byId("findings-more"), file: "findings.csv" },
]);
findings.store.subscribe(keepAddress);
addEventListener("hashchange", arrive);
if (location.hash) arrive();
foresee(data.findings);
