(() => {
  "use strict";
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // Theme: the system's, until the button is pressed.
  const system = matchMedia("(prefers-color-scheme: dark)");
  const button = document.getElementById("theme");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const nameButton = () => {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", `Switch to ${isDark() ? "light" : "dark"} colors`);
  };
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("firstmile-theme", root.dataset.theme); } catch { /* not kept */ }
    nameButton();
  });
  system.addEventListener("change", nameButton);
  nameButton();
  button.hidden = false;

  // Contents: closed on a phone, and the part that is read is marked.
  const contents = document.querySelector(".contents");
  const narrow = matchMedia("(max-width: 60rem)");
  const fold = () => { contents.open = !narrow.matches; };
  narrow.addEventListener("change", fold);
  fold();
  contents.addEventListener("click", (event) => {
    if (narrow.matches && event.target.closest("a")) contents.open = false;
  });
  const entries = new Map(all(".contents a").map((a) => [a.getAttribute("href").slice(1), a]));
  const seen = new Set();
  const reading = new IntersectionObserver((changes) => {
    for (const { target, isIntersecting } of changes) {
      if (isIntersecting) seen.add(target.id); else seen.delete(target.id);
    }
    const current = [...entries.keys()].filter((id) => seen.has(id)).pop();
    for (const [id, a] of entries) {
      if (id === current) a.setAttribute("aria-current", "true");
      else a.removeAttribute("aria-current");
    }
    for (const part of contents.querySelectorAll(":scope > ol > li")) {
      part.classList.toggle("is-read", part.querySelector("[aria-current]") !== null);
    }
    const link = entries.get(current);
    if (link && !narrow.matches) {
      const from = link.getBoundingClientRect();
      const room = contents.getBoundingClientRect();
      if (from.bottom > room.bottom) contents.scrollTop += from.bottom - room.bottom + 40;
      if (from.top < room.top) contents.scrollTop -= room.top - from.top + 40;
    }
  }, { rootMargin: "-15% 0px -75% 0px" });
  for (const id of entries.keys()) reading.observe(document.getElementById(id));

  // Tooltips: plain text only, whatever the data says.
  const tip = document.getElementById("tip");
  const showTip = (_handler, event, _item, value) => {
    if (value === null || value === undefined || value === "") { tip.hidden = true; return; }
    const [first, ...rest] = String(value).split("\n");
    const head = document.createElement("b");
    head.textContent = first;
    tip.replaceChildren(head, ...rest.map((line) => {
      const row = document.createElement("span");
      row.textContent = line;
      return row;
    }));
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    const left = Math.min(event.clientX + 14, innerWidth - width - 8);
    const top = event.clientY + 18 + height > innerHeight ? event.clientY - height - 12 : event.clientY + 18;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${Math.max(8, top)}px`;
  };
  addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });
  addEventListener("keydown", (event) => { if (event.key === "Escape") tip.hidden = true; });

  // Charts: built when they come near; until then, in print and without scripts the still shows.
  // Labels are measured as they are drawn, so the font has to be there before.
  const font = getComputedStyle(root).getPropertyValue("--chart-font");
  const lettered = Promise.allSettled(
    ["", "bold "].map((weight) => document.fonts.load(`${weight}12px ${font}`)));
  const build = async (chart) => {
    await lettered;
    const id = chart.dataset.chart;
    const specification = JSON.parse(document.getElementById(`specification-${id}`).textContent);
    const widthNow = () => Math.floor(chart.clientWidth);
    const first = widthNow();
    specification.width = first;
    specification.background = null;
    for (const signal of specification.signals) if (signal.name === "space") signal.value = first;
    const host = document.createElement("div");
    host.className = "live";
    host.ariaHidden = "true"; // the chart around it has the name and the description
    const { view } = await window.vegaEmbed(host, specification, {
      mode: "vega", ast: true, renderer: "svg", actions: false, defaultStyle: false,
      tooltip: showTip,
    });
    chart.append(host);
    chart.classList.add("is-live");
    let drawn = first;
    new ResizeObserver(() => {
      const width = widthNow();
      if (width === drawn || width < 50) return;
      drawn = width;
      view.signal("space", width).width(width).runAsync();
    }).observe(chart);
  };
  if (window.vegaEmbed) {
    const near = new IntersectionObserver((changes) => {
      for (const { target, isIntersecting } of changes) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        build(target);
      }
    }, { rootMargin: "300px 0px" });
    for (const chart of all(".chart")) near.observe(chart);
  }

  // Tables: sortable by their headers; long ones can be filtered.
  const keyOf = (row, column) => {
    const cell = row.cells[column];
    return "sort" in cell.dataset ? Number(cell.dataset.sort) : cell.textContent.trim();
  };
  const compare = (one, other) => {
    if (typeof one === "number" && typeof other === "number") return one - other;
    if (typeof one === "number") return -1;
    if (typeof other === "number") return 1;
    return one.localeCompare(other, root.lang, { numeric: true });
  };
  for (const box of all(".table")) {
    const table = box.querySelector("table");
    const body = table.tBodies[0];
    if (body.rows.length < 3) continue;
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const sorter = document.createElement("button");
      sorter.type = "button";
      sorter.setAttribute("aria-label", `Sort by ${head.textContent.trim()}`);
      head.append("\u00a0", sorter);
      head.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const sorted = [...body.rows].sort((a, b) =>
          compare(keyOf(a, column), keyOf(b, column)) * (down ? -1 : 1));
        body.append(...sorted);
      });
    });
    if (!box.classList.contains("long")) continue;
    const label = document.createElement("label");
    label.className = "filter";
    const field = document.createElement("input");
    field.type = "search";
    field.autocomplete = "off";
    const said = document.createElement("output");
    label.append("Show rows with ", field);
    const line = document.createElement("div");
    line.className = "filtering";
    line.append(label, said);
    box.querySelector(".scroll").before(line);
    field.addEventListener("input", () => {
      const wanted = field.value.trim().toLocaleLowerCase();
      let shown = 0;
      for (const row of body.rows) {
        row.hidden = !row.textContent.toLocaleLowerCase().includes(wanted);
        if (!row.hidden) shown += 1;
      }
      said.textContent = wanted ? `${shown} of ${body.rows.length} rows` : "";
    });
  }

  // Wide tables: reachable by keyboard and with a hint only where there is something to scroll.
  const wide = new ResizeObserver((changes) => {
    for (const { target } of changes) {
      const scrolls = target.scrollWidth > target.clientWidth + 1;
      target.classList.toggle("scrolls", scrolls);
      if (scrolls) target.tabIndex = 0; else target.removeAttribute("tabindex");
    }
  });
  for (const box of all(".scroll")) wide.observe(box);

  // Print: everything is open.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = all("details:not([open])");
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => { for (const details of opened) details.open = false; });
})();
