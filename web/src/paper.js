// Paper can be neither unfolded nor leafed through.
import { flushSync } from "preact/compat";
import { counted } from "./language.js";

const ON_PAPER = 2000; // rows; beyond them, the tables of the report are what one prints
const IN_FULL = 50; // rows; as many are unfolded, more stay as the reader left them

/** Before printing: everything unfolded, all rows that are shown on one page; afterwards as it was. */
export function prepare(lists) {
  let folded = [];
  let pages = [];
  let unfolded = [];

  addEventListener("beforeprint", () => {
    pages = lists.map(({ table }) => table.atoms.pagination.get());
    unfolded = lists.map(({ table }) => table.atoms.expanded.get());
    flushSync(() => {
      for (const { table } of lists) {
        table.setPagination({ pageIndex: 0, pageSize: ON_PAPER });
        if (table.getFilteredRowModel().rows.length <= IN_FULL) table.toggleAllRowsExpanded(true);
      }
    });
    folded = [...document.querySelectorAll("details:not(.facet):not([open])")];
    for (const details of folded) details.open = true;
    for (const { table, note, file } of lists) {
      const left = table.getFilteredRowModel().rows.length - ON_PAPER;
      note.textContent =
        left > 0 ? counted("{n} more row: see {file}.", "{n} more rows: see {file}.", left, { file }) : "";
    }
  });

  addEventListener("afterprint", () => {
    for (const details of folded) details.open = false;
    flushSync(() =>
      lists.forEach(({ table }, place) => {
        table.setPagination(pages[place]);
        table.setExpanded(unfolded[place]);
      }),
    );
    for (const { note } of lists) note.textContent = "";
  });
}
