// What people read. Messages are collected for the catalogue auditor/locale/…/page.po from `_` and `counted`.

let language = document.documentElement.lang;
let messages = {};
let labels = {};
const listeners = new Set();

export const LANGUAGES = { en: "English", ja: "日本語" };

export function begin(data) {
  ({ messages, labels } = data);
}

export const current = () => language;

/** Show the whole page in another language: the style sheet hides what stands in others. */
export function speak(chosen) {
  language = chosen;
  document.documentElement.lang = chosen;
  const name = _("AKS support policy audit");
  document.title = [name, document.title.split(", ").at(-1)].join(", ");
  for (const listener of listeners) listener();
}

export function onLanguage(listener) {
  listeners.add(listener);
}

/** A sentence in the reader's language, its `{places}` filled. */
export const _ = (text, values = {}) => filled(messages[language]?.[text] ?? text, values);

/** A sentence that counts, with its plural. */
export function counted(one, many, n, values = {}) {
  const sentence = messages[language]?.[one] ?? (n === 1 ? one : many);
  return filled(sentence, { n: number(n), ...values });
}

/** A word that the report uses, such as a severity, as people say it. */
export const label = (kind, word) => labels[language]?.[kind]?.[word] ?? word;

export const number = (n) => n.toLocaleString("en-US");

const filled = (sentence, values) =>
  sentence.replace(/\{(\w+)\}/g, (place, name) => (name in values ? String(values[name]) : place));
