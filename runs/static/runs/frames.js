// The packet list: says how many frames a new filter leaves, and puts the cursor where a mistake in it stands.
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

  toMistake();
})();
