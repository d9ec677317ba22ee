(() => {
  "use strict";
  try {
    const kept = localStorage.getItem("firstmile-theme");
    if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
  } catch { /* storage may be forbidden; the system's theme is used */ }
  document.documentElement.classList.add("scripted");
})();
