// Zoom, pan and tracing of lines in pictures; without it they scroll, and every box is a link all the same.
"use strict";

const LEAST = 0.1;
const LARGEST = 3;

for (const figure of document.querySelectorAll("figure.picture")) {
  const view = figure.querySelector(".pan");
  const svg = view.querySelector("svg.graph");
  const width = svg.viewBox.baseVal.width;
  const height = svg.viewBox.baseVal.height;
  let scale = 1;

  // Keeps what lies at (x, y) of the view where it is.
  const zoom = (to, x = view.clientWidth / 2, y = view.clientHeight / 2) => {
    const next = Math.min(LARGEST, Math.max(LEAST, to));
    const left = (view.scrollLeft + x) * (next / scale) - x;
    const top = (view.scrollTop + y) * (next / scale) - y;
    scale = next;
    svg.setAttribute("width", Math.round(width * scale));
    svg.setAttribute("height", Math.round(height * scale));
    view.scrollTo(left, top);
  };
  const fit = () => Math.min(1, view.clientWidth / width, Math.max(view.clientHeight, 300) / height);

  const acts = { in: () => zoom(scale * 1.25), out: () => zoom(scale / 1.25), fit: () => zoom(fit()), full: () => zoom(1) };
  figure.querySelector(".zoom").hidden = false;
  for (const button of figure.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", acts[button.dataset.zoom]);
  }
  view.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const place = view.getBoundingClientRect();
      zoom(scale * Math.exp(-event.deltaY / 400), event.clientX - place.left, event.clientY - place.top);
    },
    { passive: false },
  );
  view.addEventListener("keydown", (event) => {
    if (event.target !== view) return;
    if (event.key === "+" || event.key === "=") acts.in();
    else if (event.key === "-") acts.out();
    else if (event.key === "0") acts.full();
    else return;
    event.preventDefault();
  });

  // A picture that is a little too wide is made to fit, and of a high one that which it is about comes into sight.
  const across = view.clientWidth / width;
  if (across < 1 && across >= 0.7) zoom(across);
  const first = svg.querySelector("[aria-current]") || svg.querySelector("[data-node]");
  if (first && view.scrollHeight > view.clientHeight) {
    const place = first.getBoundingClientRect();
    view.scrollTop = place.top + place.height / 2 - svg.getBoundingClientRect().top - view.clientHeight / 2;
  }

  // Dragging the ground moves it; what was dragged is not clicked.
  let from = null;
  let moved = false;
  view.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch") return;
    from = { x: event.clientX, y: event.clientY, left: view.scrollLeft, top: view.scrollTop };
    moved = false;
  });
  addEventListener("pointermove", (event) => {
    if (!from) return;
    const x = event.clientX - from.x;
    const y = event.clientY - from.y;
    if (!moved && Math.abs(x) + Math.abs(y) < 5) return;
    moved = true;
    view.classList.add("moving");
    view.scrollTo(from.left - x, from.top - y);
  });
  addEventListener("pointerup", () => {
    from = null;
    view.classList.remove("moving");
  });
  view.addEventListener("dragstart", (event) => event.preventDefault());
  view.addEventListener(
    "click",
    (event) => {
      if (moved) event.preventDefault();
      moved = false;
    },
    true,
  );

  // The lines of the box that is pointed at, or has the focus, stand out.
  const lines = [...svg.querySelectorAll(".line")];
  const trace = (node) => {
    const place = node ? node.dataset.node : null;
    svg.classList.toggle("traced", place !== null);
    for (const line of lines) line.classList.toggle("lit", line.dataset.a === place || line.dataset.b === place);
  };
  for (const kind of ["pointerover", "focusin"]) {
    svg.addEventListener(kind, (event) => trace(event.target.closest("[data-node]")));
  }
  for (const kind of ["pointerleave", "focusout"]) svg.addEventListener(kind, () => trace(null));
}
