// Finds and makes elements, and says what they are used with; text from outside is only ever set as text.
export const get = (id) => document.getElementById(id);

// Whether there is likely no keyboard, as on a phone.
export const byTouch = () => matchMedia("(hover:none) and (pointer:coarse)").matches;

export function element(name, look, text) {
  const made = document.createElement(name);
  if (look) made.className = look;
  if (text !== undefined) made.textContent = text;
  return made;
}

// Marks a box while it goes on below its edge; `told` hears of each change.
export function markOverflow(box, told = () => {}) {
  const look = () => {
    const goesOn = box.scrollTop + box.clientHeight < box.scrollHeight - 3;
    box.classList.toggle("goes-on", goesOn);
    told(goesOn);
  };
  box.addEventListener("scroll", look);
  new ResizeObserver(look).observe(box);
  new MutationObserver(look).observe(box, { childList: true });
  look();
}

export function readOn(box, by) {
  box?.scrollBy({ top: by * Math.max(40, box.clientHeight - 30) });
}

// Text of the codebook with `code` in backquotes set as code.
export function prose(name, look, text) {
  const made = element(name, look);
  text.split("`").forEach((part, place) => {
    made.append(place % 2 ? element("code", "", part) : part);
  });
  return made;
}
