// The codebook's side of the page: its terms, the card of the highlighted one, and walking in it.
import { data, say } from "./sending.js";
import { byTouch, element, get, prose } from "./elements.js";
import { AXES, keep, state, UNTOLD } from "./choices.js";

let book;
let changed;

// `onChange` is called after each change of what is highlighted or chosen.
export function useCodebook(read, onChange) {
  book = read;
  changed = onChange;
}

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

export function draw() {
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
    const cap = element("kbd", key ? "" : "blank", key);
    cap.ariaHidden = "true";
    if (key) item.setAttribute("aria-keyshortcuts", key);
    item.append(cap);
    const words = element("span", "words", row.hit ? term.label : term.name);
    if (row.hit && term.axis !== state.axis) words.append(element("small", "", ` ${term.axis}`));
    if (term.barred) words.append(element("small", "", " cannot apply here"));
    item.append(words);
    if (book.below(term.axis, term.code).length && !row.hit) {
      const more = element("span", "more", "›");
      more.ariaHidden = "true";
      item.append(element("span", "unseen", "(has finer terms)"), more);
    }
    if (state.picks[term.axis] === term.code) item.classList.add("picked");
    if (data.suggestion?.[term.axis] === term.code) item.append(element("small", "suggested", "suggested"));
    item.setAttribute("aria-selected", String(term.code === state.cursor));
    return item;
  }));
  if (!list.length) box.append(element("p", "none", "No term has these words."));
  box.setAttribute("aria-activedescendant", state.cursor ? `term-${state.cursor}` : "");
  box.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  drawCard(list.find((row) => row.term.code === state.cursor)?.term);
  changed();
}

function drawCard(term) {
  const card = get("card");
  card.replaceChildren();
  card.scrollTop = 0;
  if (!term) {
    card.append(element("p", "none", byTouch()
      ? "Tap a term: what it means is said here."
      : "Pick by number, or walk with ↑ and ↓: what a term means is said here."));
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

export function turnTo(axis) {
  state.axis = axis;
  state.search = "";
  get("search").value = "";
  state.moved = false;
  const code = state.picks[axis];
  state.cursor = code ?? null;
  state.open = code && code !== UNTOLD ? book.find(axis, code).parent : null;
  draw();
}

export function choose(term) {
  if (term.barred) { say(`${term.label} cannot apply in this study.`, "bad"); return; }
  say("");
  state.picks[term.axis] = term.code;
  state.axis = term.axis;
  keep();
  turnTo(AXES.find((axis) => !state.picks[axis]) ?? term.axis);
}

export function here() {
  return rows().find((row) => row.term.code === state.cursor)?.term;
}

export function walk(by) {
  const list = rows();
  const place = list.findIndex((row) => row.term.code === state.cursor);
  state.cursor = list[Math.max(0, Math.min(list.length - 1, place + by))]?.term.code ?? null;
  state.moved = true;
  draw();
}

export function open() {
  const term = here();
  const inside = term ? book.below(term.axis, term.code) : [];
  if (!inside.length || state.search) return;
  state.open = term.code;
  state.cursor = inside[0].code;
  state.moved = true;
  draw();
}

export function close() {
  const term = here();
  const parent = term?.parent ?? state.open;
  if (parent === null || parent === undefined) return;
  state.cursor = parent;
  state.open = book.find(state.axis, parent).parent;
  state.moved = true;
  draw();
}

export function pick(digit) {
  const row = numbered(rows())[digit - 1];
  if (!row) return;
  state.cursor = row.term.code;
  state.moved = true;
  if (book.below(state.axis, row.term.code).length) {
    state.open = row.term.code;
    draw();
  } else choose(row.term);
}

export const chooseUntold = () => choose(book.untold(state.axis));

export function clicked(item) {
  const term = book.find(item.dataset.axis, item.dataset.code);
  const isLeaf = !book.below(term.axis, term.code).length;
  if (state.cursor === term.code || (isLeaf && term.axis === state.axis)) choose(term);
  else {
    // The card is of what was clicked, and a second click takes it; nothing else is highlighted.
    state.cursor = term.code;
    state.moved = true;
    if (!state.search && !isLeaf) state.open = term.code;
    draw();
  }
}

export const labelOf = (axis, code) => book.label(axis, code);
export const nameOf = (axis, code) => book.find(axis, code)?.name;
