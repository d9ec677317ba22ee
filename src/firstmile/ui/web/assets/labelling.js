// Labels an issue by keyboard: terms of three axes, how sure, the line that decided it, a note.
import { data, isBusy, lookForNewCodebook, say, sendPending, skip, undo } from "./sending.js";
import { commonKey, isForField, watchReading } from "./reading.js";
import { readCodebook } from "./codebook.js";
import { byTouch, get, markOverflow, readOn } from "./elements.js";
import { asDraft, AXES, begin, draft, isFinal, keep, LEVELS, state } from "./choices.js";
import { choose, chooseUntold, clicked, close, draw, here, open, pick, turnTo, useCodebook, walk } from "./terms.js";
import { drawAnswer, drawNext, enter, quote, save, take } from "./answering.js";

function searchKey(event) {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") walk(event.key === "ArrowDown" ? 1 : -1);
  else if (event.key === "Enter") {
    const term = here();
    get("search").blur();
    if (term) { state.search = ""; choose(term); }
  } else if (event.key === "Escape") {
    get("search").blur();
    turnTo(state.axis);
  } else return;
  event.preventDefault();
}

function turned(by) {
  return AXES[(AXES.indexOf(state.axis) + by + AXES.length) % AXES.length];
}

const LETTERS = {
  y: () => turnTo("symptom"),
  c: () => turnTo("cause"),
  t: () => turnTo("stage"),
  q: quote,
  g: () => {
    state.confidence = LEVELS[(LEVELS.indexOf(state.confidence) + 1) % LEVELS.length];
    keep();
    drawAnswer();
  },
  n: () => get("note")?.focus(),
  r: () => isFinal && get("reason").focus(),
  s: () => skip(draft),
  u: () => undo(asDraft),
  "/": () => get("search").focus(),
  x: () => readOn(get("card"), 1),
  X: () => readOn(get("card"), -1),
  v: () => readOn(get("beside"), 1),
  V: () => readOn(get("beside"), -1),
  0: chooseUntold,
  ArrowUp: () => walk(-1),
  ArrowDown: () => walk(1),
  ArrowRight: open,
  ArrowLeft: close,
  Backspace: close,
  Enter: enter,
  "[": () => turnTo(turned(-1)),
  "]": () => turnTo(turned(1)),
};

function key(event) {
  if (isBusy()) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && data.issue) {
    event.preventDefault();
    save();
    return;
  }
  if (data.issue && event.target === get("search")) { searchKey(event); return; }
  if (isForField(event)) {
    if (event.key === "Escape") event.target.blur();
    else if (event.key === "Enter" && !event.shiftKey && event.target.id === "reason") {
      event.preventDefault();
      event.target.blur();
      save();
    }
    return;
  }
  if (event.ctrlKey) return;
  if (!data.issue) {
    if (event.key === "u") undo(asDraft);
    else if (event.key === "Enter" && event.target === document.body) get("onward")?.click();
    return;
  }
  if (event.key === "Enter" && event.target.closest("a, button:not(.axis)")) return;
  if (commonKey(event)) { event.preventDefault(); return; }
  if (get("help").open) return;
  if (isFinal && /^[abdfhi]$/.test(event.key) && "abdfhi".indexOf(event.key) < data.raters.labels.length) {
    take("abdfhi".indexOf(event.key));
  } else if (/^[1-9]$/.test(event.key)) pick(Number(event.key));
  else if (Object.hasOwn(LETTERS, event.key)) LETTERS[event.key]();
  else return;
  event.preventDefault();
}

function watch() {
  get("search").addEventListener("input", () => {
    state.search = get("search").value.trim();
    state.cursor = null;
    state.moved = true;
    draw();
  });
  for (const name of ["note", "reason"]) {
    get(name)?.addEventListener("input", () => {
      if (name === "reason" && get(name).value.trim()) say("");
      keep();
      drawNext();
    });
  }
  get("terms").addEventListener("click", (event) => {
    const item = event.target.closest(".term");
    if (item) clicked(item);
  });
  for (const axis of AXES) get(`axis-${axis}`).addEventListener("click", () => turnTo(axis));
  for (const button of document.querySelectorAll("[data-confidence]")) {
    button.addEventListener("click", () => {
      state.confidence = button.dataset.confidence;
      keep();
      drawAnswer();
    });
  }
  for (const [place, button] of document.querySelectorAll(".take").entries()) {
    button.addEventListener("click", () => take(place));
  }
  markOverflow(get("card"), (goesOn) => { get("card-on").hidden = !goesOn; });
  get("card-on").addEventListener("click", () => readOn(get("card"), 1));
  markOverflow(get("terms"));
  if (get("beside")) markOverflow(get("beside"));
  get("quote").addEventListener("click", quote);
  get("next").addEventListener("click", enter);
  get("skip").addEventListener("click", () => skip(draft));
}

function start(book) {
  useCodebook(book, drawAnswer);
  begin(book);
  watchReading();
  watch();
  if (byTouch()) get("search").placeholder = "Search the codebook";
  const look = async () => { await lookForNewCodebook(); drawNext(); };
  addEventListener("focus", look);
  document.addEventListener("visibilitychange", look);
  const first = isFinal ? data.raters.differ[0] : "symptom";
  turnTo(AXES.find((axis) => !state.picks[axis]) ?? first);
}

async function openPage() {
  if (data.issue) {
    let book;
    try {
      book = await readCodebook(data.codebook_address);
    } catch {
      say("The codebook could not be fetched: load this page anew.", "bad");
      return;
    }
    start(book);
  }
  addEventListener("keydown", key);
  get("undo")?.addEventListener("click", () => undo(asDraft));
  document.documentElement.dataset.ready = "";
}

if (await sendPending()) await openPage();
