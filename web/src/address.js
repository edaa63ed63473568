// The address of what is shown: `#findings/severity=high&rule=VMSS001&q=vmss` can be kept and sent.
import { choose, chosenOf, clear, facetsOf, sortBy } from "./table.js";

const VIEW = "#findings/";

/** The part of the address that says what is shown; nothing where everything is. */
export function written(table) {
  const parts = new URLSearchParams();
  for (const facet of facetsOf(table)) {
    for (const value of chosenOf(table, facet)) parts.append(facet, value);
  }
  const text = table.atoms.globalFilter.get();
  if (text) parts.set("q", text);
  const [sort] = table.atoms.sorting.get();
  if (sort) parts.set("sort", sort.id.replace("by-", sort.desc ? "-" : ""));
  return String(parts) ? VIEW + parts : "#findings";
}

/** Show what an address says; whether it says anything of the kind. */
export function follow(table, hash) {
  if (!hash.startsWith(VIEW)) return false;
  const parts = new URLSearchParams(hash.slice(VIEW.length));
  clear(table);
  for (const facet of facetsOf(table)) {
    if (parts.has(facet)) choose(table, facet, parts.getAll(facet));
  }
  if (parts.get("q")) table.setGlobalFilter(parts.get("q"));
  const [, minus, id] = /^(-?)(.*)$/.exec(parts.get("sort") ?? "");
  const known = table.options.meta.sorts.includes(id);
  table.setSorting(known ? [{ id: sortBy(table, id).id, desc: minus === "-" }] : []);
  return true;
}
