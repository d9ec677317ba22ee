// Decides with one key: in, or out for a reason; a duplicate asks of which issue.
import { data, decideOn, go, isBusy, keepDraft, readDraft, say, sendPending, skip, undo } from "./sending.js";
import { commonKey, isForField, watchReading } from "./reading.js";
import { get } from "./elements.js";
import { askWhich, isAsking, watchWhich, withoutNamed } from "./duplicates.js";

const note = get("note");
const draft = readDraft();

const asDraft = (value) => ({ note: value.note ?? "" });

async function decide(value, named = "") {
  if (isBusy()) return;
  say("Saving …");
  const whole = [named, note.value].filter(Boolean).join("\n");
  const said = await decideOn(data.issue.url, { ...value, note: whole });
  if (said) go(said.next);
}

function pick(place) {
  const reason = data.reasons[place];
  if (!reason || isBusy()) return;
  const left = { include: false, reason: reason.id };
  if (reason.id === "duplicate") askWhich((named) => decide(left, named));
  else decide(left);
}

function turnRules(shown) {
  document.body.classList.toggle("ruled", shown);
  try { localStorage.setItem("firstmile-rules", shown ? "shown" : ""); } catch { /* not kept */ }
}

function key(event) {
  if (isBusy()) return;
  if (event.target === note && event.key === "Escape") { note.blur(); return; }
  if (isForField(event) || event.ctrlKey || isAsking()) return;
  if (!data.issue) {
    if (event.key === "u") { event.preventDefault(); undo(asDraft); }
    else if (event.key === "Enter" && event.target === document.body) get("onward")?.click();
    return;
  }
  if (commonKey(event)) { event.preventDefault(); return; }
  if (get("help").open) return;
  if (event.key === "i") decide({ include: true });
  else if (/^[1-9]$/.test(event.key)) pick(Number(event.key) - 1);
  else if (event.key === "b") turnRules(!document.body.classList.contains("ruled"));
  else if (event.key === "n") note.focus();
  else if (event.key === "s") skip(draft);
  else if (event.key === "u") undo(asDraft);
  else return;
  event.preventDefault();
}

function said(value) {
  if (value.include) return "You included this one.";
  const of = /^Duplicate of https:\S+\/([\w.-]+\/[\w.-]+)\/issues\/(\d+)/.exec(value.note ?? "");
  const why = data.reasons.find((reason) => reason.id === value.reason)?.label.toLowerCase() ?? value.reason;
  return `You left this one out: ${why}${of ? ` of ${of[1]}#${of[2]}` : ""}.`;
}

function watch() {
  note.value = withoutNamed(draft.note ?? data.mine?.value.note ?? "");
  note.addEventListener("input", () => { draft.note = note.value; keepDraft(draft); });
  get("include").addEventListener("click", () => decide({ include: true }));
  for (const [place, button] of document.querySelectorAll("[data-reason]").entries()) {
    button.addEventListener("click", () => pick(place));
  }
  get("skip").addEventListener("click", () => skip(draft));
  if (data.mine) say(said(data.mine.value));
  watchWhich();
  watchReading();
  try { turnRules(Boolean(localStorage.getItem("firstmile-rules"))); } catch { /* not kept */ }
}

if (await sendPending()) {
  addEventListener("keydown", key);
  get("undo")?.addEventListener("click", () => undo(asDraft));
  if (data.issue) watch();
  document.documentElement.dataset.ready = "";
}
