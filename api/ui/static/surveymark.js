// Comfort only; every page works without it.
"use strict";

// "/" goes to the search field, unless somebody is typing already.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  const field = document.getElementById("q") || document.getElementById("find");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey && field) {
    event.preventDefault();
    field.focus();
    field.select();
  }
});

// Copying is offered where the browser allows it.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll(".command .copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.parentElement.querySelector("code, pre").textContent);
      button.textContent = "Copied";
    });
  }
}

// What is under way is shown anew every few seconds, as the same page would show it; nothing moves while it is being read.
const live = document.querySelector("[data-live]");
if (live) {
  const again = async () => {
    const part = document.querySelector(".live");
    if (document.hidden || part.contains(document.activeElement) || !getSelection().isCollapsed) return;
    let answer;
    try {
      answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" });
    } catch {
      return;
    }
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".live");
    if (!fresh) return;
    if (fresh.innerHTML !== part.innerHTML) part.replaceWith(document.importNode(fresh, true));
    if (!fresh.dataset.live) clearInterval(timer);
  };
  const timer = setInterval(again, 1000 * Number(live.dataset.live));
}
