// Clusters and findings as the page carries them: a number stands for a text that is told elsewhere.
import { current } from "./language.js";

const RANK = { critical: 4, high: 3, medium: 2, low: 1, info: 0 };
const CONFIDENCE = { confirmed: 2, likely: 1, possible: 0 };
const STATES = ["out_of_support", "at_risk", "not_assessed", "in_support"]; // the grave ones first

export function read(element) {
  const data = JSON.parse(element.textContent);
  element.remove(); // it is read once, and need not be kept twice
  const { strings, fields, languages } = data;
  const told = (value) =>
    typeof value === "number" ? strings[value] : Array.isArray(value) ? value.map(told) : value;
  const spoken = (value) => told(Array.isArray(value) ? value[languages.indexOf(current())] : value);
  const place = Object.fromEntries(fields.map((name, index) => [name, index + 1]));
  data.clusters = data.clusters.map((row) => new Cluster(row, told, spoken));
  data.findings = data.findings.map((row) => new Finding(row, data.clusters, told, spoken, place));
  data.clusters.sort((a, b) => a.gravity - b.gravity);
  data.findings.sort((a, b) => b.gravity - a.gravity);
  data.title = (rule) => spoken(data.rules[rule]?.title ?? "");
  data.clauses = (rule) => data.rules[rule]?.clauses ?? [];
  data.clusterNames = new Map(data.clusters.map((cluster) => [cluster.anchor, cluster.name]));
  return data;
}

/** Put together what can be searched while the reader has not begun to, so that it is there then. */
export function foresee(things) {
  let at = 0;
  const some = (idle) => {
    while (at < things.length && idle.timeRemaining() > 0) void things[at++].text;
    if (at < things.length) requestIdleCallback(some);
  };
  globalThis.requestIdleCallback?.(some); // without it, the first search does it
}

/** A cluster of the inventory; what has several languages is put together when it is shown. */
class Cluster {
  #row;
  #told;
  #spoken;
  #text;

  constructor(row, told, spoken) {
    this.#row = row;
    this.#told = told;
    this.#spoken = spoken;
    this.anchor = row.anchor;
    this.state = row.state;
    this.gravity = STATES.indexOf(row.state);
    this.found = row.found;
    this.clauses = row.clauses;
    for (const name of ["id", "name", "place", "subscription", "owner", "reasons"]) {
      this[name] = told(row[name]);
    }
  }

  get version() {
    return this.#spoken(this.#row.version);
  }

  get facts() {
    return this.#row.facts.map(this.#spoken);
  }

  get pools() {
    return this.#row.pools.map(([name, nodes, what, image]) => ({
      name: this.#told(name),
      nodes: this.#spoken(nodes),
      what: this.#told(what),
      image: image.map(this.#spoken),
    }));
  }

  get findings() {
    return Object.values(this.found).reduce((sum, many) => sum + many, 0);
  }

  get text() {
    this.#text ??= [this.id, this.place, this.owner, this.version, ...this.reasons].join("\n").toLowerCase();
    return this.#text;
  }
}

/** A finding; what is not asked for often is put together when it is. */
class Finding {
  #row;
  #told;
  #spoken;
  #place;
  #text;

  constructor(row, clusters, told, spoken, place) {
    this.#row = row;
    this.#told = told;
    this.#spoken = spoken;
    this.#place = place;
    this.cluster = clusters[row[0][0]];
    this.rule = this.get("rule_id");
    this.severity = this.get("severity");
    this.anchor = `f-${this.get("fingerprint").split("-").at(-1).slice(0, 12)}`;
    this.gravity = this.#weight(); // asked for by every comparison of a sort
  }

  /** Violations before warnings, the grave before the slight, the sure before the unsure. */
  #weight() {
    const verdict = this.get("verdict") === "violation" ? 100 : 0;
    return verdict + 10 * (RANK[this.severity] ?? 0) + (CONFIDENCE[this.get("confidence")] ?? 0);
  }

  get(name) {
    return this.#told(this.#row[this.#place[name]]);
  }

  /** A sentence in the reader's language, as the page has it without this script. */
  say(name) {
    return this.#spoken(this.#row[this.#place[name]]);
  }

  get where() {
    return this.#row[this.#place.where].map(this.#spoken);
  }

  /** What should be, what is, how that is known: each step with its name, text, and source. */
  get trail() {
    return this.#row[this.#place.trail].map(([name, text, isValue, ...source]) => ({
      name: this.#spoken(name),
      text: this.#spoken(text),
      isValue,
      source: source.map(this.#spoken).filter(Boolean).join(", "),
    }));
  }

  get family() {
    return this.rule.replace(/\d+$/, "");
  }

  get actor() {
    return this.get("actor") || this.get("actor_id");
  }

  /** Everything that somebody may search for, in lower case. */
  get text() {
    this.#text ??= [
      ...["summary", "rule_id", "resource_id", "node_pool", "property", "expected", "actual"],
      ...["actor", "actor_id", "actor_client", "operation", "correlation_id", "fingerprint"],
    ]
      .map((name) => this.get(name) ?? "")
      .concat(this.cluster.name, this.cluster.place, this.cluster.owner)
      .join("\n")
      .toLowerCase();
    return this.#text;
  }
}
