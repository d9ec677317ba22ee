// What a rater has chosen on an issue so far, kept in this browser as a draft.
import { data, keepDraft, readDraft } from "./sending.js";
import { get } from "./elements.js";

export const AXES = ["symptom", "cause", "stage"];
export const LEVELS = ["sure", "probable", "guess"];
export const UNTOLD = "cannot tell";
export const isFinal = data.step === "adjudicate";

export const draft = readDraft();
export const noted = () => get("note")?.value ?? "";
export const asDraft = (value, reason = "") => ({
  picks: Object.fromEntries(AXES.map((axis) => [axis, value[axis] ?? UNTOLD])),
  confidence: value.confidence, quote: value.quote, note: value.note, reason,
});

// The choices, and where the rater is in the codebook: axis, open class, highlighted term.
export const state = {
  picks: {}, confidence: "sure", quote: "", axis: "symptom", open: null, cursor: null, search: "", moved: false,
};

export function keep() {
  Object.assign(draft, {
    picks: state.picks, confidence: state.confidence, quote: state.quote,
    note: noted(), reason: isFinal ? get("reason").value : "",
  });
  keepDraft(draft);
}

export const isWhole = () => AXES.every((axis) => state.picks[axis]);

// What all raters say alike need not be chosen again between them.
function agreed() {
  const [one] = data.raters?.labels ?? [];
  if (!one) return {};
  const alike = AXES.filter((axis) => !data.raters.differ.includes(axis));
  return Object.fromEntries(alike.map((axis) => [axis, one.value[axis] ?? UNTOLD]));
}

// Begins with the draft, else with the own decision, else with what all raters say alike.
export function begin(book) {
  const before = draft.picks ? draft : data.mine ? asDraft(data.mine.value, data.mine.reason) : { picks: agreed() };
  state.picks = { symptom: null, cause: null, stage: null, ...before.picks };
  state.confidence = before.confidence ?? "sure";
  state.quote = before.quote ?? "";
  // A term that the codebook has lost since cannot be kept.
  for (const axis of AXES) if (!book.find(axis, state.picks[axis])) state.picks[axis] = null;
  if (get("note")) get("note").value = before.note ?? "";
  if (isFinal) get("reason").value = before.reason ?? "";
}
