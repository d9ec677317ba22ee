// Sends decisions, and keeps each in this browser until the server says it is on its disk.
const body = document.body;
export const data = JSON.parse(document.getElementById("data").textContent);
const prefix = `firstmile ${body.dataset.site} ${body.dataset.rater} ${data.step}`;
const PENDING = `${prefix} pending`;
const DRAFT = `${prefix} draft `;
const LONGEST_WAIT = 15000;

const notice = document.getElementById("saving");

function stored(name) {
  try { return JSON.parse(localStorage.getItem(name)); } catch { return null; }
}

function store(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, JSON.stringify(value));
  } catch { /* storage may be forbidden or full; the page still sends */ }
}

// A draft lives under its issue, with the key that names the decision however often it is sent.
export function readDraft() {
  if (!data.issue) return { key: crypto.randomUUID() };
  const kept = stored(DRAFT + data.issue.url);
  return kept?.key ? kept : { key: crypto.randomUUID() };
}

export function keepDraft(draft) {
  if (data.issue) store(DRAFT + data.issue.url, draft);
}

export function keepDraftOf(url, draft) {
  store(DRAFT + url, draft);
}

export function say(text, look = "") {
  notice.textContent = text;
  notice.className = `saving ${look}`;
}

let busy = false;
export const isBusy = () => busy;

// Sends until the server has answered. A refusal is shown and the draft stays; anything else
// (no connection, a server that starts anew, a proxy's error) is tried again, longer each time.
export async function send(path, message, { onRefused = () => {} } = {}) {
  if (busy) return;
  busy = true;
  body.classList.add("busy");
  store(PENDING, { path, message });
  let wait = 250;
  for (;;) {
    try {
      const answer = await fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(message),
        redirect: "error",
        signal: AbortSignal.timeout(20000),
      });
      const said = await answer.json();
      if (answer.ok) {
        store(PENDING, null);
        store(DRAFT + message.issue, null);
        return said;
      }
      if (answer.status < 500 && answer.status !== 408 && answer.status !== 429) {
        store(PENDING, null);
        busy = false;
        body.classList.remove("busy");
        say(`Not saved: ${said.error}`, "bad");
        onRefused();
        return null;
      }
      say(`Not saved yet: ${said.error} Trying again …`, "bad");
    } catch {
      say("Not saved yet: the server does not answer. Your decision is kept here; trying again …", "bad");
    }
    await new Promise((done) => { setTimeout(done, wait); });
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }
}

export function go(address) {
  location.replace(address);
}

export async function skip(draft) {
  const said = await send(`/${data.step}/skip`, { key: crypto.randomUUID(), issue: data.issue.url });
  if (said) {
    keepDraftOf(data.issue.url, draft);
    go(said.next);
  }
}

export async function undo(asDraft) {
  if (!data.last) {
    say("There is nothing of yours to undo.");
    return;
  }
  const { issue, value } = data.last;
  const said = await send(`/${data.step}/undo`, { key: crypto.randomUUID(), issue });
  if (said) {
    keepDraftOf(issue, { key: crypto.randomUUID(), ...asDraft(value) });
    go(said.next);
  }
}

// What was sent before the browser or the page died, and not acknowledged, is sent first.
export async function sendPending() {
  const pending = stored(PENDING);
  if (!pending) return true;
  say("Sending the decision that was not acknowledged …");
  const said = await send(pending.path, pending.message);
  if (said) go(said.next);
  return !said;
}
