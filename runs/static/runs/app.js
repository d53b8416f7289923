// What every page does in the browser beyond links and forms: copy a command, change the theme in place, close a menu or popover.
"use strict";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copyCommand(button);
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; });
  if (document.activeElement?.closest(".mx td")) document.activeElement.blur();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const field = document.querySelector("[data-find]");
  if (!field) return;
  event.preventDefault();
  field.focus();
});

// Links that name a key in aria-keyshortcuts are followed by it, unless the key does something where the focus is.
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.target.closest("input, textarea, select, [role=region], [contenteditable]")) return;
  const key = (event.shiftKey ? "Shift+" : "") + event.key;
  const link = [...document.querySelectorAll("a[aria-keyshortcuts]")].find((a) => a.getAttribute("aria-keyshortcuts") === key);
  if (!link) return;
  event.preventDefault();
  link.click();
});

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-theme-form]")) changeTheme(event);
});

async function copyCommand(button) {
  const text = button.closest(".cmd").querySelector("pre").textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const range = document.createRange(); // no clipboard without HTTPS: select the command, so that the reader can
    range.selectNodeContents(button.closest(".cmd").querySelector("pre"));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return;
  }
  const word = button.textContent;
  button.textContent = button.dataset.copied;
  document.getElementById("live").textContent = button.dataset.copied;
  setTimeout(() => { button.textContent = word; }, 2000);
}

function changeTheme(event) {
  event.preventDefault();
  const theme = event.submitter.value;
  document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
  document.documentElement.dataset.bsTheme = theme;
  for (const button of event.target.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button === event.submitter));
  document.dispatchEvent(new CustomEvent("konseki:theme", { detail: theme })); // plots redraw with the new colours
}
