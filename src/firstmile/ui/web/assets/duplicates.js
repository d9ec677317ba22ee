// Asks which issue another one repeats: by number, address or words, with the keyboard alone.
import { data } from "./sending.js";
import { element, get } from "./elements.js";

const PAUSE = 150;
const box = get("which");
const words = get("which-words");
const list = get("which-hits");
const saves = get("which-save");
let hits = [];
// Whether the words name the very issue that is asked of.
let itself = false;
let at = 0;
// The words that the hits are of; others are still looked for.
let found = "";
let timer = 0;
let decide = null;

const typed = () => words.value.trim();

function draw(problem = "") {
  const isFound = found === typed();
  list.hidden = !typed();
  list.replaceChildren(...(isFound ? hits : []).map((hit, place) => {
    const item = element("div", "term");
    item.id = `which-${place}`;
    item.role = "option";
    item.dataset.place = String(place);
    item.setAttribute("aria-selected", String(place === at));
    const line = element("span", "words", hit.title);
    line.append(element("small", "", ` ${hit.name}, ${hit.day}`));
    item.append(line);
    return item;
  }));
  if (typed() && !list.children.length) {
    const none = itself ? "That is the issue that you are reading: name the other one."
      : "No issue of the study has this number, address or words.";
    list.append(element("p", "none", problem || (isFound ? none : "Looking …")));
  }
  list.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  words.setAttribute("aria-activedescendant", isFound && hits[at] ? `which-${at}` : "");
  const hit = typed() && isFound ? hits[at] : null;
  saves.disabled = Boolean(typed()) && !hit;
  saves.replaceChildren(element("kbd", "", "Enter"), element("b", "", hit
    ? ` leave it out: duplicate of ${hit.name}`
    : typed() ? " choose the issue first" : " leave it out, without saying of which"));
}

async function look() {
  const wanted = typed();
  if (wanted === found) return;
  let read = { issues: [], itself: false };
  let problem = "";
  if (wanted) {
    try {
      const asked = new URLSearchParams({ of: data.issue.url, words: wanted });
      const answer = await fetch(`/issues/named.json?${asked}`);
      read = await answer.json();
      if (!answer.ok) throw new Error(read.error);
    } catch {
      problem = "The server does not answer: change the words to look again.";
      read = null;
    }
  }
  if (typed() !== wanted) return;
  if (read) {
    hits = read.issues;
    itself = read.itself;
    at = 0;
    found = wanted;
  }
  draw(problem);
}

// A closed dialog's field keeps the keys until the page is drawn again: a quick key would be lost.
function shut() {
  document.activeElement?.blur();
  box.close();
}

function save() {
  if (saves.disabled) return;
  const hit = typed() ? hits[at] : null;
  shut();
  decide(hit ? `Duplicate of ${hit.url}` : "");
}

// Opens the question; `then` is called with the note that names the issue, empty for none.
export function askWhich(then) {
  decide = then;
  words.value = "";
  hits = [];
  itself = false;
  found = "";
  draw();
  box.showModal();
  words.focus();
}

export const isAsking = () => Boolean(box?.open);

// A note without the line that names an issue: what is decided anew names it anew.
export const withoutNamed = (note) => note.replace(/^Duplicate of https:\S+(?:\n|$)/, "");

export function watchWhich() {
  words.addEventListener("input", () => {
    draw();
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      at = Math.max(0, Math.min(hits.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)));
      draw();
    } else if (event.key === "Enter" && event.target === words) {
      if (typed() && typed() !== found) look();
      else save();
    } else if (event.key === "Escape") {
      // A search field would take the first Escape to empty itself.
      shut();
    } else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => {
    const item = event.target.closest(".term");
    if (!item) return;
    at = Number(item.dataset.place);
    draw();
    words.focus();
  });
  saves.addEventListener("click", save);
  get("which-back").addEventListener("click", shut);
}
