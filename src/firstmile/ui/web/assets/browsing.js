// Keys of the pages that are looked through: / searches, Enter goes on, arrows turn pages, m the colors, f logs.
const words = document.getElementById("words");
const thread = document.querySelector("[data-thread]");
const onward = document.getElementById("onward");
const facets = document.getElementById("facets");
if (facets && matchMedia("(max-width: 62rem)").matches) {
  facets.open = false;
  facets.querySelector("summary").classList.remove("unseen");
}

function toggle(block) {
  block.classList.toggle("open");
}

addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.target.closest("input, textarea, select")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (event.key === "/" && words) {
    words.focus();
    words.select();
  } else if (event.key === "ArrowRight" && document.getElementById("after")) {
    document.getElementById("after").click();
  } else if (event.key === "ArrowLeft" && document.getElementById("before")) {
    document.getElementById("before").click();
  } else if (event.key === "Enter" && onward && event.target === document.body) {
    onward.click();
  } else if ((event.key === "f" || event.key === "F") && thread) {
    for (const block of thread.querySelectorAll(".code.folded")) toggle(block);
  } else if (event.key === "m") {
    const root = document.documentElement;
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("firstmile-theme", root.dataset.theme); } catch { /* not kept */ }
  } else return;
  event.preventDefault();
});
thread?.addEventListener("click", (event) => {
  const gap = event.target.closest("button.gap");
  if (gap) toggle(gap.closest(".code"));
});
document.documentElement.dataset.ready = "";
