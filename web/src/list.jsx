// A table to search, narrow down, sort and leaf through, whatever its rows are.
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import { Chosen, Facets } from "./facets.jsx";
import { _, number, onLanguage } from "./language.js";
import { PAGE_SIZES, sortBy } from "./table.js";

const PATIENCE = 150; // ms after the last key until a search begins
const DIRECTIONS = { asc: "ascending", desc: "descending" };
const ARROWS = { asc: "▲", desc: "▼" };

/**
 * `words` says how the list is called in the reader's language: `search`, `facets`, `heads`, `told`,
 * `count(shown, all)`, `nothing` and `pages`. `Row` shows one thing.
 */
export function List({ name, table, words, Row }) {
  const [, again] = useReducer((n) => n + 1, 0);
  useLayoutEffect(() => { // at once: the address may narrow the list down before it is painted
    onLanguage(() => again());
    const subscription = table.store.subscribe(() => again());
    return () => subscription.unsubscribe();
  }, []);
  const told = words();
  const rows = table.getRowModel().rows;
  return (
    <>
      <Search name={name} label={told.search} table={table} />
      <Facets table={table} names={told.facets} told={told.told} />
      <Chosen table={table} names={told.facets} told={told.told} />
      <p class="count" role="status">
        {told.count(table.getFilteredRowModel().rows.length, table.getCoreRowModel().rows.length)}
      </p>
      {rows.length ? (
        <table class={name}>
          <Heads table={table} names={told.heads} />
          <tbody>
            {rows.map((row) => (
              <Row key={row.id} row={row} names={told.heads} />
            ))}
          </tbody>
        </table>
      ) : (
        <p class="empty">{told.nothing}</p>
      )}
      <Pages table={table} name={told.pages} />
    </>
  );
}

function Search({ name, label, table }) {
  const text = table.atoms.globalFilter.get() ?? "";
  const [typed, type] = useState(text);
  const timer = useRef(0);
  useEffect(() => type(text), [text]);
  const change = (event) => {
    const sought = event.currentTarget.value;
    type(sought);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => table.setGlobalFilter(sought || undefined), PATIENCE);
  };
  const id = `search-${name}`;
  return (
    <p class="search">
      <label for={id}>{label}</label>
      <input id={id} type="search" value={typed} onInput={change} autocomplete="off" spellcheck={false} />
    </p>
  );
}

function Heads({ table, names }) {
  return (
    <thead>
      <tr>
        {Object.entries(names).map(([id, name]) => (
          <Head key={id} id={id} name={name} column={sortBy(table, id)} />
        ))}
      </tr>
    </thead>
  );
}

function Head({ id, name, column }) {
  if (!column) {
    return (
      <th scope="col" class={id}>
        {name}
      </th>
    );
  }
  const sorted = column.getIsSorted();
  return (
    <th scope="col" class={id} aria-sort={DIRECTIONS[sorted] ?? "none"}>
      <button type="button" onClick={() => column.toggleSorting()}>
        {name} <span aria-hidden="true">{ARROWS[sorted] ?? "↕"}</span>
      </button>
    </th>
  );
}

function Pages({ table, name }) {
  const { pageIndex, pageSize } = table.atoms.pagination.get();
  const count = table.getPageCount();
  if (table.getFilteredRowModel().rows.length <= PAGE_SIZES[0]) return null;
  const turn = (label, act, can) => (
    <button type="button" onClick={act} disabled={!can}>
      {label}
    </button>
  );
  const [back, on] = [table.getCanPreviousPage(), table.getCanNextPage()];
  return (
    <nav class="pages" aria-label={name}>
      {turn(_("First"), () => table.setPageIndex(0), back)}
      {turn(_("Back"), () => table.previousPage(), back)}
      <span>{_("Page {page} of {count}", { page: number(pageIndex + 1), count: number(count) })}</span>
      {turn(_("Next"), () => table.nextPage(), on)}
      {turn(_("Last"), () => table.setPageIndex(count - 1), on)}
      <label>
        {_("Rows on a page")}{" "}
        <select value={pageSize} onChange={(event) => table.setPageSize(Number(event.currentTarget.value))}>
          {PAGE_SIZES.map((size) => (
            <option key={size} value={size}>
              {size}
            </option>
          ))}
        </select>
      </label>
    </nav>
  );
}
