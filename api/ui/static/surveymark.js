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
