// Decides with one key: in, or out for a reason.
import { data, decideOn, go, isBusy, keepDraft, readDraft, say, sendPending, skip, undo } from "./sending.js";
import { commonKey, isForField, watchReading } from "./reading.js";

const note = document.getElementById("note");
const draft = readDraft();

const asDraft = (value) => ({ note: value.note ?? "" });

async function decide(value) {
  if (isBusy()) return;
  say("Saving …");
  const said = await decideOn(data.issue.url, { ...value, note: note.value });
  if (said) go(said.next);
}

function pick(place) {
  const reason = data.reasons[place];
  if (reason) decide({ include: false, reason: reason.id });
}

function turnRules(shown) {
  document.body.classList.toggle("ruled", shown);
  try { localStorage.setItem("firstmile-rules", shown ? "shown" : ""); } catch { /* not kept */ }
}

function key(event) {
  if (isBusy()) return;
  if (event.target === note && event.key === "Escape") { note.blur(); return; }
  if (isForField(event) || event.ctrlKey) return;
  if (!data.issue) {
    if (event.key === "u") { event.preventDefault(); undo(asDraft); }
    return;
  }
  if (commonKey(event)) { event.preventDefault(); return; }
  if (document.getElementById("help").open) return;
  if (event.key === "i") decide({ include: true });
  else if (/^[1-9]$/.test(event.key)) pick(Number(event.key) - 1);
  else if (event.key === "b") turnRules(!document.body.classList.contains("ruled"));
  else if (event.key === "n") note.focus();
  else if (event.key === "s") skip(draft);
  else if (event.key === "u") undo(asDraft);
  else return;
  event.preventDefault();
}

if (await sendPending()) {
  addEventListener("keydown", key);
  if (data.issue) {
    note.value = draft.note ?? data.mine?.value.note ?? "";
    note.addEventListener("input", () => { draft.note = note.value; keepDraft(draft); });
    document.getElementById("include").addEventListener("click", () => decide({ include: true }));
    for (const [place, button] of document.querySelectorAll("[data-reason]").entries()) {
      button.addEventListener("click", () => pick(place));
    }
    if (data.mine) say(data.mine.value.include ? "You included this one." : `You left this one out: ${data.mine.value.reason}.`);
    watchReading();
    try { turnRules(Boolean(localStorage.getItem("firstmile-rules"))); } catch { /* not kept */ }
  }
  document.documentElement.dataset.ready = "";
}
