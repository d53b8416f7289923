// The packet list: says how many frames a new filter leaves, puts the cursor where a mistake in it stands, and goes from row to row by key.
"use strict";

(() => {
  function toMistake() {
    const place = Number(document.getElementById("pk")?.dataset.mistake);
    const box = document.getElementById("id_filter");
    if (!place || !box) return;
    box.focus({ preventScroll: true });
    box.setSelectionRange(place - 1, place);
  }

  document.addEventListener("htmx:afterSettle", (event) => {
    const list = document.getElementById("pk");
    if (!list || !event.target.closest?.("#pk")) return;
    document.getElementById("live").textContent = list.querySelector("#mistake") ? "" : list.querySelector("[data-said]").textContent;
    toMistake();
  });

  // Arrows go from frame to frame once one of them has the focus, Home and End to the first and last of the page.
  document.addEventListener("keydown", (event) => {
    const row = event.target.closest?.("#pk tr[id]");
    if (!row || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const body = row.parentElement;
    const next = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling, Home: body.firstElementChild, End: body.lastElementChild }[event.key];
    if (!next) return;
    event.preventDefault();
    next.querySelector("a").focus();
  });

  toMistake();
})();
