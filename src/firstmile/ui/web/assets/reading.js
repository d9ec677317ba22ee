// Moves through the thread by keyboard: line by line, error by error, and unfolds logs.
import { say } from "./sending.js";

const thread = document.getElementById("thread");
let lines = [];
let at = null;

function visibleLines() {
  return [...thread.querySelectorAll(".line")].filter((line) => line.checkVisibility());
}

function put(line) {
  at?.classList.remove("at");
  at = line;
  if (!at) return;
  at.classList.add("at");
  at.scrollIntoView({ block: "nearest" });
  const box = thread.getBoundingClientRect();
  const own = at.getBoundingClientRect();
  const edge = Math.min(80, box.height / 5);
  if (getComputedStyle(thread).overflowY === "auto") {
    if (own.bottom > box.bottom - edge) thread.scrollTop += own.bottom - box.bottom + edge;
    if (own.top < box.top + edge) thread.scrollTop -= box.top + edge - own.top;
  }
}

function step(by, wanted = () => true) {
  lines = visibleLines();
  let place = at ? lines.indexOf(at) : -1;
  if (at && place < 0) place = lines.findIndex((line) => at.compareDocumentPosition(line) & 4) - (by > 0 ? 1 : 0);
  if (!at && by < 0) return false;
  for (place += by; place >= 0 && place < lines.length; place += by) {
    if (wanted(lines[place])) {
      put(lines[place]);
      return true;
    }
  }
  return false;
}

let toldOfErrors = false;

// Goes to an error, or says that there is none; what others said of the page stays.
function toError(by) {
  const isError = (line) => line.classList.contains("error");
  const went = step(by, isError);
  if (went && toldOfErrors) say("");
  toldOfErrors = !went;
  if (went) return;
  if (!visibleLines().some(isError)) say("No line here looks like an error: j and k go line by line.");
  else say(by > 0 ? "That was the last line that looks like an error." : "No line before this one looks like an error.");
}

export function current() {
  return at;
}

export function mark(quote) {
  for (const line of thread.querySelectorAll(".mine")) line.classList.remove("mine");
  if (!quote) return;
  const wanted = quote.split("\n").map((one) => one.trim()).filter(Boolean);
  for (const line of thread.querySelectorAll(".line")) {
    const text = line.textContent.trim();
    if (text && wanted.some((one) => text === one || (one.length > 7 && text.includes(one)))) {
      line.classList.add("mine");
    }
  }
}

export function selected() {
  const range = getSelection();
  if (!range || range.isCollapsed || !thread.contains(range.anchorNode)) return "";
  return range.toString().split("\n").map((line) => line.trimEnd()).join("\n").trim();
}

export function clearSelection() {
  getSelection()?.removeAllRanges();
}

function toggle(block) {
  block.classList.toggle("open");
  for (const gap of block.querySelectorAll("button.gap")) {
    gap.setAttribute("aria-expanded", String(block.classList.contains("open")));
  }
}

function nearestFolded() {
  const own = at?.closest(".code.folded");
  if (own) return own;
  const all = [...thread.querySelectorAll(".code.folded")];
  const middle = innerHeight / 2;
  const far = (block) => {
    const box = block.getBoundingClientRect();
    return box.top > middle ? box.top - middle : Math.max(0, middle - box.bottom);
  };
  return all.sort((one, other) => far(one) - far(other))[0];
}

export function readingKey(event) {
  switch (event.key) {
    case "j": step(1); return true;
    case "k": step(-1); return true;
    case "e": toError(1); return true;
    case "E": toError(-1); return true;
    case "f": {
      const block = nearestFolded();
      if (block) toggle(block);
      if (at && !at.checkVisibility()) put(null);
      else put(at);
      return true;
    }
    case "F": {
      const all = [...thread.querySelectorAll(".code.folded")];
      const open = all.some((block) => !block.classList.contains("open"));
      for (const block of all) if (block.classList.contains("open") !== open) toggle(block);
      if (at && !at.checkVisibility()) put(null);
      return true;
    }
    case " ": {
      const by = (event.shiftKey ? -0.85 : 0.85) * (thread.clientHeight || innerHeight);
      (getComputedStyle(thread).overflowY === "auto" ? thread : document.scrollingElement).scrollBy({ top: by });
      return true;
    }
    default: return false;
  }
}

export function watchReading(onPick) {
  thread.addEventListener("click", (event) => {
    const gap = event.target.closest("button.gap");
    if (gap) { toggle(gap.closest(".code")); return; }
    if (event.target.closest("a") || selected()) return;
    const line = event.target.closest(".line");
    if (line) { put(line); onPick?.(); }
  });
}

// Keys that every page with a thread has.
export function commonKey(event) {
  const help = document.getElementById("help");
  if (event.key === "?") {
    if (help.open) help.close();
    else help.showModal();
    return true;
  }
  if (help.open) return event.key !== "Escape" && event.key !== "Tab" && event.key !== "Enter";
  if (event.key === "m") {
    const root = document.documentElement;
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("firstmile-theme", root.dataset.theme); } catch { /* not kept */ }
    return true;
  }
  return readingKey(event);
}

// Whether a key is meant for a field that is written in, or for the browser.
export function isForField(event) {
  return event.altKey || event.metaKey || event.target.closest("input, textarea, select");
}
