// Small marks that several parts of the page share: the same as in templates/partials/marks.html.j2.
import { Fragment } from "preact";
import { useState } from "preact/hooks";
import { _ } from "./language.js";

export const SIGNS = {
  critical: "◆",
  high: "▲",
  medium: "■",
  low: "●",
  info: "○",
  out_of_support: "✕",
  at_risk: "▲",
  not_assessed: "?",
  in_support: "✓",
  violation: "✕",
  warning: "▲",
  unknown: "?",
  pass: "✓",
  not_applicable: "–",
  not_visible: "◌",
};

export const Badge = ({ kind, children }) => (
  <span class={`badge ${kind}`}>
    <span aria-hidden="true">{SIGNS[kind]}</span> {children}
  </span>
);

/** Other people's text: it keeps its direction to itself, and is no sentence of the page's language. */
export const Data = ({ children }) => <bdi lang="en">{children}</bdi>;

/** An id: where it is too long for its line, it breaks behind a slash. */
export const Path = ({ text }) =>
  text.split("/").map((part, place) => (
    <Fragment key={place}>
      {place ? "/" : null}
      {place ? <wbr /> : null}
      {part}
    </Fragment>
  ));

/** Clauses of the policy, each with a link to what it says. */
export const Clauses = ({ ids }) =>
  ids.map((id, place) => (
    <Fragment key={id}>
      {place ? " " : null}
      <a class="reference" href={`#clause-${id}`}>
        {id}
      </a>
    </Fragment>
  ));

export function Link({ href, children }) {
  let safe = false;
  try {
    safe = new URL(href).protocol === "https:";
  } catch {
    // no address at all
  }
  return safe ? (
    <a href={href} rel="noopener noreferrer">
      {children}
    </a>
  ) : null;
}

/** A button that copies; where the browser forbids it, it says what to do instead. */
export function Copy({ text, children }) {
  const [told, tell] = useState(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      tell(_("Copied"));
    } catch {
      tell(_("Select it and press Ctrl+C"));
    }
    setTimeout(() => tell(null), 4000);
  };
  return (
    <button type="button" onClick={copy}>
      <span aria-live="polite">{told ?? children}</span>
    </button>
  );
}

/** A command: each word is a box, so that no line ends within one, such as behind the hyphens of an option. */
export const Command = ({ text }) => (
  <div class="command">
    <pre>
      <code>
        {text.split(" ").map((word, place) => (
          <Fragment key={place}>
            {place ? " " : null}
            <span>{word}</span>
          </Fragment>
        ))}
      </code>
    </pre>
    <Copy text={() => text}>{_("Copy")}</Copy>
  </div>
);
