// Which rows are shown, in which order, on which page: TanStack Table's part of the work.
import {
  columnFacetingFeature,
  columnFilteringFeature,
  constructTable,
  createFacetedRowModel,
  createFacetedUniqueValues,
  createFilteredRowModel,
  createPaginatedRowModel,
  createSortedRowModel,
  globalFilteringFeature,
  rowExpandingFeature,
  rowPaginationFeature,
  rowSortingFeature,
  tableFeatures,
} from "@tanstack/table-core";
import { storeReactivityBindings } from "@tanstack/table-core/store-reactivity-bindings";

export const PAGE_SIZES = [25, 50, 100, 200];

const features = tableFeatures({
  coreReactivityFeature: storeReactivityBindings(),
  columnFilteringFeature,
  globalFilteringFeature,
  columnFacetingFeature,
  rowSortingFeature,
  rowPaginationFeature,
  rowExpandingFeature,
  filteredRowModel: createFilteredRowModel(),
  facetedRowModel: createFacetedRowModel(),
  facetedUniqueValues: createFacetedUniqueValues(),
  sortedRowModel: createSortedRowModel(),
  paginatedRowModel: createPaginatedRowModel(),
});

const isOneOf = (row, column, chosen) => chosen.includes(row.getValue(column));

function ascending(a, b, column) {
  const [left, right] = [a.getValue(column), b.getValue(column)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Every word must stand somewhere in the row. */
const containsAll = (row, column, words) => words.every((word) => row.getValue(column).includes(word));
containsAll.resolveFilterValue = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);

/**
 * A table of things that have an `anchor` and a `text` to search in.
 *
 * `facets` and `sorts` give the value of a thing by name; what is `undefined` comes last, whichever
 * way one sorts. `descending` names what one wants the most of first.
 */
export function tableOf(things, { facets, sorts, descending = [], pageSize }) {
  const columns = [
    ...Object.entries(facets).map(([id, accessorFn]) => ({
      id,
      accessorFn,
      filterFn: isOneOf,
      enableSorting: false,
    })),
    ...Object.entries(sorts).map(([id, accessorFn]) => ({
      id: `by-${id}`,
      accessorFn,
      sortFn: ascending,
      sortUndefined: "last",
      sortDescFirst: descending.includes(id),
      enableColumnFilter: false,
    })),
    { id: "text", accessorFn: (thing) => thing.text, enableColumnFilter: false, enableSorting: false },
  ];
  return constructTable({
    features,
    columns,
    data: things,
    meta: { facets: Object.keys(facets), sorts: Object.keys(sorts) },
    getRowId: (thing) => thing.anchor,
    getRowCanExpand: () => true,
    globalFilterFn: containsAll,
    getColumnCanGlobalFilter: (column) => column.id === "text",
    enableMultiSort: false,
    initialState: { pagination: { pageIndex: 0, pageSize } },
  });
}

export const facetsOf = (table) => table.options.meta.facets;

export const sortBy = (table, id) => table.getColumn(`by-${id}`);

/** What a facet offers, the frequent first, and how many rows each choice would show. */
export function choices(table, facet) {
  const counts = new Map(table.getColumn(facet).getFacetedUniqueValues());
  for (const chosen of chosenOf(table, facet)) if (!counts.has(chosen)) counts.set(chosen, 0);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

export const chosenOf = (table, facet) => table.getColumn(facet).getFilterValue() ?? [];

export function choose(table, facet, values) {
  table.getColumn(facet).setFilterValue(values.length ? values : undefined);
}

export function clear(table) {
  table.setColumnFilters([]);
  table.setGlobalFilter(undefined);
}

/** Turn to the page on which something stands, whatever hides it now; whether there is such a thing. */
export function show(table, anchor) {
  if (!table.getCoreRowModel().rowsById[anchor]) return false;
  const place = () => table.getSortedRowModel().rows.findIndex((row) => row.id === anchor);
  if (place() < 0) clear(table);
  table.setPageIndex(Math.floor(place() / table.atoms.pagination.get().pageSize));
  table.setExpanded((expanded) => ({ ...expanded, [anchor]: true }));
  return true;
}
