// By what rows are narrowed down: a list of choices for each facet, counted as it is opened.
import { useState } from "preact/hooks";
import { _, counted, number } from "./language.js";
import { choices, choose, chosenOf, clear, facetsOf } from "./table.js";

const SHOWN = 60; // choices of one facet; beyond them, one searches
const FEW = 12; // choices that one sees at a glance

/** `names` are those of the facets, `told` says what a choice of one is called. */
export function Facets({ table, names, told }) {
  return (
    <div class="facets">
      {facetsOf(table).map((facet) => (
        <Facet key={facet} facet={facet} name={names[facet]} table={table} told={told} />
      ))}
    </div>
  );
}

function Facet({ facet, name, table, told }) {
  const [open, setOpen] = useState(false);
  const chosen = chosenOf(table, facet);
  const close = (event) => {
    if (event.key === "Escape" && open) {
      setOpen(false);
      event.currentTarget.querySelector("summary").focus();
    }
  };
  return (
    <details
      class="facet"
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
      onKeyDown={close}
      onFocusOut={(event) => event.currentTarget.contains(event.relatedTarget) || setOpen(false)}
    >
      <summary>
        {name}
        {chosen.length ? <span class="many"> {number(chosen.length)}</span> : null}
      </summary>
      {open ? <Choices facet={facet} name={name} table={table} told={told} chosen={chosen} /> : null}
    </details>
  );
}

function Choices({ facet, name, table, told, chosen }) {
  const [sought, seek] = useState("");
  const all = choices(table, facet).map(([value, many]) => [value, many, told(facet, value)]);
  const matching = all.filter(([, , text]) => text.toLowerCase().includes(sought.toLowerCase()));
  const toggle = (value) =>
    choose(table, facet, chosen.includes(value) ? chosen.filter((c) => c !== value) : [...chosen, value]);
  return (
    <fieldset tabIndex={-1}>
      <legend class="unseen">{name}</legend>
      {all.length > FEW ? (
        <input
          type="search"
          aria-label={_("Search these choices")}
          placeholder={_("Search")}
          value={sought}
          onInput={(event) => seek(event.currentTarget.value)}
        />
      ) : null}
      {matching.slice(0, SHOWN).map(([value, many, text]) => (
        <label key={value}>
          <input type="checkbox" checked={chosen.includes(value)} onChange={() => toggle(value)} />{" "}
          <bdi>{text}</bdi> <span class="many">{number(many)}</span>
        </label>
      ))}
      {matching.length > SHOWN ? (
        <p class="more">
          {counted("{n} more: search for it", "{n} more: search for them", matching.length - SHOWN)}
        </p>
      ) : null}
    </fieldset>
  );
}

/** What is chosen now, each with a way to take it back. */
export function Chosen({ table, names, told }) {
  const chosen = facetsOf(table).flatMap((facet) => chosenOf(table, facet).map((value) => [facet, value]));
  if (!chosen.length && !table.atoms.globalFilter.get()) return null;
  const drop = (facet, value) =>
    choose(table, facet, chosenOf(table, facet).filter((one) => one !== value));
  return (
    <ul class="chosen" aria-label={_("What is chosen")}>
      {chosen.map(([facet, value]) => (
        <li key={`${facet} ${value}`}>
          <button type="button" onClick={() => drop(facet, value)}>
            {names[facet]}: <bdi>{told(facet, value)}</bdi> <span aria-hidden="true">✕</span>
            <span class="unseen"> {_("take back")}</span>
          </button>
        </li>
      ))}
      <li>
        <button type="button" onClick={() => clear(table)}>
          {_("Show all")}
        </button>
      </li>
    </ul>
  );
}
