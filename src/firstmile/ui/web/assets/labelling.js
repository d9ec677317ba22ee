// Labels an issue by keyboard: terms of three axes, how sure, the line that decided it, a note.
import {
  data, decideOn, go, isBusy, isStale, keepDraft, lookForNewCodebook, readDraft, say, sendPending, skip, undo,
} from "./sending.js";
import { clearSelection, commonKey, current, isForField, mark, selected, watchReading } from "./reading.js";
import { readCodebook } from "./codebook.js";

const AXES = ["symptom", "cause", "stage"];
const LEVELS = ["sure", "probable", "guess"];
const UNTOLD = "cannot tell";
const isFinal = data.step === "adjudicate";
const get = (id) => document.getElementById(id);

const draft = readDraft();
const noted = () => get("note")?.value ?? "";
const asDraft = (value, reason = "") => ({
  picks: Object.fromEntries(AXES.map((axis) => [axis, value[axis] ?? UNTOLD])),
  confidence: value.confidence, quote: value.quote, note: value.note, reason,
});
let state;
let book;

function element(name, look, text) {
  const made = document.createElement(name);
  if (look) made.className = look;
  if (text !== undefined) made.textContent = text;
  return made;
}

// Text of the codebook with `code` in backquotes set as code.
function prose(name, look, text) {
  const made = element(name, look);
  text.split("`").forEach((part, place) => {
    made.append(place % 2 ? element("code", "", part) : part);
  });
  return made;
}

function keep() {
  Object.assign(draft, {
    picks: state.picks, confidence: state.confidence, quote: state.quote,
    note: noted(), reason: isFinal ? get("reason").value : "",
  });
  keepDraft(draft);
}

const isWhole = () => AXES.every((axis) => state.picks[axis]);

// The rows in sight: hits of the search, or the classes with the open branch under its class.
function rows() {
  if (state.search) return book.search(state.search, state.axis).map((term) => ({ term, depth: 0, hit: true }));
  const found = [];
  const walk = (parent, depth) => {
    for (const term of book.below(state.axis, parent)) {
      found.push({ term, depth });
      if (state.open === term.code || state.open?.startsWith(`${term.code}/`)) walk(term.code, depth + 1);
    }
  };
  walk(null, 0);
  found.push({ term: book.untold(state.axis), depth: 0 });
  return found;
}

function numbered(list) {
  if (state.search) return [];
  return list.filter((row) => row.term.parent === state.open && row.term.code !== UNTOLD);
}

function draw() {
  const list = rows();
  if (!list.some((row) => row.term.code === state.cursor)) {
    // On a fresh axis nothing is highlighted: Enter alone must not pick whatever stands first.
    state.cursor = state.search || state.moved ? list[0]?.term.code ?? null : null;
  }
  const digits = numbered(list).map((row) => row.term.code);
  const box = get("terms");
  box.replaceChildren(...list.map((row) => {
    const { term } = row;
    const item = element("div", `term depth${row.depth}`);
    item.id = `term-${term.code}`;
    item.role = "option";
    item.dataset.code = term.code;
    item.dataset.axis = term.axis;
    const place = digits.indexOf(term.code);
    const key = term.code === UNTOLD ? "0" : place >= 0 && place < 9 ? String(place + 1) : "";
    item.append(element("kbd", key ? "" : "blank", key));
    const words = element("span", "words", row.hit ? term.label : term.name);
    if (row.hit && term.axis !== state.axis) words.append(element("small", "", ` ${term.axis}`));
    if (term.barred) words.append(element("small", "", " cannot apply here"));
    item.append(words);
    if (book.below(term.axis, term.code).length && !row.hit) item.append(element("span", "more", "›"));
    if (state.picks[term.axis] === term.code) item.classList.add("picked");
    if (data.suggestion?.[term.axis] === term.code) item.append(element("small", "suggested", "suggested"));
    item.setAttribute("aria-selected", String(term.code === state.cursor));
    return item;
  }));
  if (!list.length) box.append(element("p", "none", "No term has these words."));
  box.setAttribute("aria-activedescendant", state.cursor ? `term-${state.cursor}` : "");
  box.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  drawCard(list.find((row) => row.term.code === state.cursor)?.term);
  drawAnswer();
}

function drawCard(term) {
  const card = get("card");
  card.replaceChildren();
  card.scrollTop = 0;
  if (!term) {
    card.append(element("p", "none", "Pick by number, or walk with ↑ and ↓: what a term means is said here."));
    return;
  }
  card.append(element("h2", "", term.label), prose("p", "definition", term.definition));
  const listed = (title, items) => {
    if (!items.length) return;
    card.append(element("h3", "", title));
    const list = element("ul");
    list.append(...items.map((item) => prose("li", "", item)));
    card.append(list);
  };
  listed("Belongs here", term.includes);
  listed("Does not belong here", term.excludes);
  if (term.boundary.length) {
    card.append(element("h3", "", "Told apart"));
    const list = element("dl");
    for (const rule of term.boundary) {
      list.append(element("dt", "", `from ${rule.name}`), prose("dd", "", rule.rule));
    }
    card.append(list);
  }
  if (term.example) card.append(element("h3", "", "Example"), prose("p", "", term.example));
}

function drawAnswer() {
  for (const axis of AXES) {
    const tab = get(`axis-${axis}`);
    const code = state.picks[axis];
    tab.setAttribute("aria-selected", String(axis === state.axis));
    tab.classList.toggle("chosen", Boolean(code));
    const words = tab.querySelector(".pick");
    words.textContent = code ? book.label(axis, code) : "not chosen";
    words.title = words.textContent;
  }
  const quote = get("quote").querySelector(".value");
  quote.textContent = state.quote || "the line that decided it: go to it with j k or e, press q";
  quote.classList.toggle("unset", !state.quote);
  mark(state.quote);
  for (const button of document.querySelectorAll("[data-confidence]")) {
    button.setAttribute("aria-pressed", String(button.dataset.confidence === state.confidence));
  }
  drawNext();
}

function drawNext() {
  const next = get("next");
  next.replaceChildren();
  next.classList.toggle("saves", isWhole());
  const hint = (key, words) => next.append(element("kbd", "", key), element("b", "", ` ${words}`));
  if (isStale()) hint("Enter", "load the page with the new codebook");
  else if (!isWhole()) {
    const term = here();
    if (term) hint("Enter", `${term.axis}: ${term.code === UNTOLD ? "cannot tell" : term.name}`);
    else if (state.search) hint("Esc", "leave the search");
    else hint("1–9", `pick the ${state.axis}`);
    if (term && term.code === state.open && !state.search) next.append(element("small", "", " or 1–9 for what exactly"));
  } else if (isFinal && !get("reason").value.trim()) hint("r", "give the reason, then Enter saves");
  else if (state.cursor !== state.picks[state.axis] && state.moved) {
    hint("Enter", `${state.axis}: change to ${book.find(state.axis, state.cursor)?.name}`);
  } else hint("Enter", "save and go on");
}

function turnTo(axis) {
  state.axis = axis;
  state.search = "";
  get("search").value = "";
  state.moved = false;
  const code = state.picks[axis];
  state.cursor = code ?? null;
  state.open = code && code !== UNTOLD ? book.find(axis, code).parent : null;
  draw();
}

function choose(term) {
  if (term.barred) { say(`${term.label} cannot apply in this study.`, "bad"); return; }
  say("");
  state.picks[term.axis] = term.code;
  state.axis = term.axis;
  keep();
  turnTo(AXES.find((axis) => !state.picks[axis]) ?? term.axis);
}

function here() {
  return rows().find((row) => row.term.code === state.cursor)?.term;
}

function walk(by) {
  const list = rows();
  const place = list.findIndex((row) => row.term.code === state.cursor);
  state.cursor = list[Math.max(0, Math.min(list.length - 1, place + by))]?.term.code ?? null;
  state.moved = true;
  draw();
}

function open() {
  const term = here();
  const inside = term ? book.below(term.axis, term.code) : [];
  if (!inside.length || state.search) return;
  state.open = term.code;
  state.cursor = inside[0].code;
  state.moved = true;
  draw();
}

function close() {
  const term = here();
  const parent = term?.parent ?? state.open;
  if (parent === null || parent === undefined) return;
  state.cursor = parent;
  state.open = book.find(state.axis, parent).parent;
  state.moved = true;
  draw();
}

function pick(digit) {
  const row = numbered(rows())[digit - 1];
  if (!row) return;
  state.cursor = row.term.code;
  state.moved = true;
  if (book.below(state.axis, row.term.code).length) {
    state.open = row.term.code;
    draw();
  } else choose(row.term);
}

function quote() {
  const own = selected();
  const line = current()?.textContent.trimEnd() ?? "";
  const text = (own || line).slice(0, 4000);
  if (!text.trim()) { say("Go to a line first: j and k, or e for the next error."); return; }
  state.quote = !own && state.quote === text ? "" : text;
  clearSelection();
  say("");
  keep();
  drawAnswer();
}

function take(place) {
  const one = data.raters?.labels[place];
  if (!one) return;
  for (const axis of AXES) state.picks[axis] = one.value[axis] ?? UNTOLD;
  state.quote = one.value.quote || state.quote;
  keep();
  turnTo(data.raters.differ[0] ?? "symptom");
}

async function save() {
  if (isBusy()) return;
  if (isStale()) { location.reload(); return; }
  const missing = AXES.filter((axis) => !state.picks[axis]);
  if (missing.length) {
    say(`Choose first: ${missing.join(", ")}; 0 says that the thread does not tell.`, "bad");
    turnTo(missing[0]);
    return;
  }
  if (isFinal && !get("reason").value.trim()) {
    say("A decision between raters needs its reason.", "bad");
    get("reason").focus();
    return;
  }
  keep();
  say("Saving …");
  const value = { confidence: state.confidence, quote: state.quote, note: noted(), cannot_tell: [] };
  for (const axis of AXES) {
    if (state.picks[axis] === UNTOLD) value.cannot_tell.push(axis);
    else value[axis] = state.picks[axis];
  }
  if (data.suggestion) value.suggested = data.suggestion;
  const said = await decideOn(data.issue.url, value, isFinal ? { reason: get("reason").value, known: data.known } : {});
  if (said) go(said.next);
  else drawNext();
}

function enter() {
  if (isStale()) { location.reload(); return; }
  const term = here();
  const chosen = state.picks[state.axis];
  if (term && (!chosen || (state.moved && term.code !== chosen) || term.axis !== state.axis)) choose(term);
  else if (isWhole()) save();
  else turnTo(AXES.find((axis) => !state.picks[axis]));
}

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
  0: () => choose(book.untold(state.axis)),
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
    if (!item) return;
    const term = book.find(item.dataset.axis, item.dataset.code);
    if (state.cursor === term.code || (!book.below(term.axis, term.code).length && term.axis === state.axis)) choose(term);
    else { state.cursor = term.code; state.moved = true; open(); draw(); }
  });
  for (const axis of AXES) get(`axis-${axis}`).addEventListener("click", () => turnTo(axis));
  for (const button of document.querySelectorAll("[data-confidence]")) {
    button.addEventListener("click", () => {
      state.confidence = button.dataset.confidence;
      keep();
      drawAnswer();
    });
  }
  get("quote").addEventListener("click", quote);
  get("next").addEventListener("click", enter);
}

// What all raters say alike need not be chosen again between them.
function agreed() {
  const [one] = data.raters?.labels ?? [];
  if (!one) return {};
  const alike = AXES.filter((axis) => !data.raters.differ.includes(axis));
  return Object.fromEntries(alike.map((axis) => [axis, one.value[axis] ?? UNTOLD]));
}

function start() {
  const before = draft.picks ? draft : data.mine ? asDraft(data.mine.value, data.mine.reason) : { picks: agreed() };
  state = {
    picks: { symptom: null, cause: null, stage: null, ...before.picks },
    confidence: before.confidence ?? "sure", quote: before.quote ?? "",
    axis: "symptom", open: null, cursor: null, search: "", moved: false,
  };
  // A term that the codebook has lost since cannot be kept.
  for (const axis of AXES) if (!book.find(axis, state.picks[axis])) state.picks[axis] = null;
  if (get("note")) get("note").value = before.note ?? "";
  if (isFinal) get("reason").value = before.reason ?? "";
  watchReading();
  watch();
  const look = async () => { await lookForNewCodebook(); drawNext(); };
  addEventListener("focus", look);
  document.addEventListener("visibilitychange", look);
  const first = isFinal ? data.raters.differ[0] : "symptom";
  turnTo(AXES.find((axis) => !state.picks[axis]) ?? first);
}

async function openPage() {
  if (data.issue) {
    try {
      book = await readCodebook(data.codebook_address);
    } catch {
      say("The codebook could not be fetched: load this page anew.", "bad");
      return;
    }
    start();
  }
  addEventListener("keydown", key);
  document.documentElement.dataset.ready = "";
}

if (await sendPending()) await openPage();
