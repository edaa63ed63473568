// How the page says who, when and how long: the same sentences that stand there without this script.
import { _, counted, label } from "./language.js";

const DAY = 24 * 60 * 60 * 1000;

export function who(finding) {
  const kind = label("actor", finding.get("actor_kind"));
  const told = finding.who ? _("{name} ({kind})", { name: finding.who, kind }) : kind;
  const client = finding.get("operation") ? "" : finding.get("actor_client");
  return [client ? _("{so_far}, through {client}", { so_far: told, client }) : told, policies(finding)]
    .filter(Boolean)
    .join(", ");
}

/** Azure Policy's assignments that had a hand in a call, behind its caller. */
function policies(finding) {
  const names = finding.get("policies").map((id) => id.split("/").at(-1));
  if (!names.length) return "";
  return counted("with the policy assignment {names}", "with the policy assignments {names}", names.length, {
    names: names.join(", "),
  });
}

/** A moment to the minute, in UTC. */
export const moment = (at) => (at ? `${at.slice(0, 10)} ${at.slice(11, 16)} UTC` : _("not dated"));

export function when(finding) {
  if (finding.get("occurred_at")) return moment(finding.get("occurred_at"));
  const [since, until] = [finding.get("since"), finding.get("until")];
  if (!since || !until) return _("Nothing on record explains it");
  const bounds = { since: moment(since), until: moment(until) };
  return _("Nothing on record from {since} to {until} explains it", bounds);
}

export function howLong(finding, asOf) {
  const [earliest, latest] = [finding.get("deadline_earliest"), finding.get("deadline_latest")];
  if (!earliest && !latest) {
    return finding.get("clock_basis")
      ? _("No date can be given: nothing on record says when the clock started.")
      : _("No clock runs on this.");
  }
  const soonest = earliest && dated(earliest, asOf);
  const longest = latest && dated(latest, asOf);
  if (earliest === latest) return _("{date}.", { date: soonest });
  if (!latest) return _("{soonest} at the earliest, how late is not known.", { soonest });
  if (!earliest) return _("How soon is not known, {longest} at the latest.", { longest });
  return _("{soonest} at the earliest, {longest} at the latest.", { soonest, longest });
}

const dated = (at, asOf) => _("{date} ({distance})", { date: at.slice(0, 10), distance: distance(at, asOf) });

/** How far a moment lies from the run's, in whole days. */
export function distance(at, asOf) {
  const ahead = Date.parse(at) - Date.parse(asOf);
  const days = Math.floor(Math.abs(ahead) / DAY);
  if (!days) return ahead >= 0 ? _("within a day") : _("less than a day ago");
  return ahead >= 0
    ? counted("in {n} day", "in {n} days", days)
    : counted("{n} day ago", "{n} days ago", days);
}

/** The operation behind a finding, as the log has it. */
export function record(finding) {
  let told = _("{operation} by {who}", { operation: finding.get("operation"), who: who(finding) });
  for (const [field, sentence] of [
    ["actor_client", (client) => _("{so_far}, through {client}", { so_far: told, client })],
    ["client_address", (address) => _("{so_far}, from {address}", { so_far: told, address })],
    ["correlation_id", (id) => _("{so_far}, correlation id {id}", { so_far: told, id })],
  ]) {
    if (finding.get(field)) told = sentence(finding.get(field));
  }
  return told;
}
