// The rater's answer: what is chosen, the quoted line, what Enter does next, and saving.
import { data, decideOn, go, isBusy, isStale, say } from "./sending.js";
import { clearSelection, current, mark, selected } from "./reading.js";
import { byTouch, element, get } from "./elements.js";
import { AXES, isFinal, isWhole, keep, noted, state, UNTOLD } from "./choices.js";
import { choose, here, labelOf, nameOf, turnTo } from "./terms.js";

// A reason is two words at least, as the server counts them; in Chinese and Japanese a character is one.
const WORD = /[\u3040-\u30ff\u3400-\u9fff]|[^\s\u3040-\u30ff\u3400-\u9fff]+/g;
const isReasoned = () => (get("reason").value.match(WORD) ?? []).length > 1;

export function drawAnswer() {
  for (const axis of AXES) {
    const tab = get(`axis-${axis}`);
    const code = state.picks[axis];
    tab.setAttribute("aria-selected", String(axis === state.axis));
    tab.classList.toggle("chosen", Boolean(code));
    const words = tab.querySelector(".pick");
    words.textContent = code ? labelOf(axis, code) : "not chosen";
    words.title = words.textContent;
  }
  const quote = get("quote").querySelector(".value");
  quote.textContent = state.quote || `the line that decided it: ${byTouch() ? "tap it in the thread, then tap here" : "go to it with j k or e, press q"}`;
  quote.classList.toggle("unset", !state.quote);
  mark(state.quote);
  for (const button of document.querySelectorAll("[data-confidence]")) {
    button.setAttribute("aria-pressed", String(button.dataset.confidence === state.confidence));
  }
  drawNext();
}

export function drawNext() {
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
  } else if (isFinal && !isReasoned()) hint("r", "give the reason in words, then Enter saves");
  else if (state.cursor !== state.picks[state.axis] && state.moved) {
    hint("Enter", `${state.axis}: change to ${nameOf(state.axis, state.cursor)}`);
  } else hint("Enter", "save and go on");
}

export function quote() {
  const own = selected();
  const line = current()?.textContent.trimEnd() ?? "";
  const text = (own || line).slice(0, 4000);
  if (!text.trim()) { say(byTouch() ? "Tap a line of the thread first." : "Go to a line first: j and k, or e for the next error."); return; }
  state.quote = !own && state.quote === text ? "" : text;
  clearSelection();
  say("");
  keep();
  drawAnswer();
}

export function take(place) {
  const one = data.raters?.labels[place];
  if (!one) return;
  for (const axis of AXES) state.picks[axis] = one.value[axis] ?? UNTOLD;
  state.quote = one.value.quote || state.quote;
  keep();
  turnTo(data.raters.differ[0] ?? "symptom");
}

export async function save() {
  if (isBusy()) return;
  if (isStale()) { location.reload(); return; }
  const missing = AXES.filter((axis) => !state.picks[axis]);
  if (missing.length) {
    say(`Choose first: ${missing.join(", ")}; 0 says that the thread does not tell.`, "bad");
    turnTo(missing[0]);
    return;
  }
  if (isFinal && !isReasoned()) {
    say("A decision between raters needs its reason, in words.", "bad");
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

export function enter() {
  if (isStale()) { location.reload(); return; }
  const term = here();
  const chosen = state.picks[state.axis];
  if (term && (!chosen || (state.moved && term.code !== chosen) || term.axis !== state.axis)) choose(term);
  else if (isWhole()) save();
  else turnTo(AXES.find((axis) => !state.picks[axis]));
}
