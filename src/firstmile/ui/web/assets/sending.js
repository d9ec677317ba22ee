// Sends decisions, and keeps each in this browser until the server says it is on its disk.
const body = document.body;
export const data = JSON.parse(document.getElementById("data").textContent);
const prefix = `firstmile ${body.dataset.site} ${body.dataset.rater} ${data.step}`;
const PENDING = `${prefix} pending `;
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

// A decision goes by one key however often it is sent. Each page makes its own: two tabs on one
// issue share the draft, and must not name two decisions alike.
let key = crypto.randomUUID();

// A draft lives under its issue.
export function readDraft() {
  return (data.issue && stored(DRAFT + data.issue.url)) || {};
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

// Waits, but no longer than until somebody comes back to this page.
function pause(time) {
  return new Promise((done) => {
    setTimeout(done, time);
    addEventListener("focus", done, { once: true });
  });
}

// Set once this page shows a codebook that is no longer in force.
let stale = false;
export const isStale = () => stale;

export async function lookForNewCodebook() {
  if (stale || busy || document.visibilityState !== "visible") return;
  try {
    const answer = await fetch("/codebook.json");
    if (!answer.ok) return;
    const now = await answer.json();
    if (now.address === data.codebook_address || busy) return;
    stale = true;
    say(`The codebook has changed since this page was opened; it is now version ${now.version}. Press Enter to load the page anew: what you chose is kept.`, "bad");
  } catch { /* asked again the next time somebody comes back to this page */ }
}

let busy = false;
export const isBusy = () => busy;

// Sends until the server has answered. A refusal is shown and the draft stays; anything else
// (no connection, a server that starts anew, a proxy's error) is tried again, longer each time.
// A server that was started anew knows nobody (401) until the rater's link is opened again.
async function send(path, message) {
  if (busy) return null;
  busy = true;
  body.classList.add("busy");
  const pending = PENDING + message.key;
  store(pending, { path, message });
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
        store(pending, null);
        store(DRAFT + message.issue, null);
        return said;
      }
      if (answer.status === 401) {
        say("Not saved yet: the server was started anew. Open your own link again in another tab; your decision is kept here and is sent then.", "bad");
      } else if (answer.status < 500 && answer.status !== 408 && answer.status !== 429) {
        store(pending, null);
        busy = false;
        body.classList.remove("busy");
        if (said.key_taken) key = crypto.randomUUID();
        if (said.reload && message.codebook === data.codebook) stale = true;
        say(`Not saved: ${said.error}`, "bad");
        return null;
      } else say(`Not saved yet: ${said.error} Trying again …`, "bad");
    } catch {
      say("Not saved yet: the server does not answer. Your decision is kept here; trying again …", "bad");
    }
    await pause(wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }
}

// Sends this page's decision; resolves to null where it was refused.
export function decideOn(issue, value, more = {}) {
  return send(`/${data.step}`, { key, rater: data.rater, codebook: data.codebook, issue, value, ...more });
}

export function go(address) {
  location.replace(address);
}

export async function skip(draft) {
  const said = await send(`/${data.step}/skip`, { key: crypto.randomUUID(), rater: data.rater, issue: data.issue.url });
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
  const { issue, value, reason } = data.last;
  const said = await send(`/${data.step}/undo`, { key: crypto.randomUUID(), rater: data.rater, issue });
  if (said) {
    keepDraftOf(issue, asDraft(value, reason));
    go(said.next);
  }
}

// What was sent before the browser or the page died, and not acknowledged, is sent first.
export async function sendPending() {
  let names = [];
  try { names = Object.keys(localStorage).filter((name) => name.startsWith(PENDING)); } catch { /* none kept */ }
  let next = null;
  for (const name of names) {
    const pending = stored(name);
    if (!pending) continue;
    say("Sending the decision that was not acknowledged …");
    const said = await send(pending.path, pending.message);
    busy = false;
    body.classList.remove("busy");
    next = said?.next ?? next;
  }
  if (next) go(next);
  return !next;
}
