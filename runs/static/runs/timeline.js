// The timeline: drag over the picture to zoom. The address takes the range, so that what one sees can be linked to.
"use strict";

(() => {
  const LEFT = 190, RIGHT = 1374, LEAST = 4; // the picture's own units; a narrower drag is a click
  let start = null;

  document.documentElement.classList.add("js");

  function xOf(svg, event) {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return Math.min(RIGHT, Math.max(LEFT, point.x));
  }

  function moment(svg, x) {
    const low = BigInt(svg.dataset.low), high = BigInt(svg.dataset.high);
    const part = BigInt(Math.round(((x - LEFT) / (RIGHT - LEFT)) * 1e9));
    const ns = low + ((high - low) * part) / 1000000000n;
    const sign = ns < 0n ? "-" : "", whole = ns < 0n ? -ns : ns;
    return `${sign}${whole / 1000000000n}.${String(whole % 1000000000n).padStart(9, "0")}`;
  }

  function draw(svg, from, to) {
    const box = svg.querySelector(".drag");
    box.setAttribute("x", Math.min(from, to));
    box.setAttribute("width", Math.abs(to - from));
  }

  document.addEventListener("pointerdown", (event) => {
    const svg = event.target.closest?.("svg[data-zoom]");
    if (!svg || event.button !== 0) return;
    start = { svg, x: xOf(svg, event) };
    svg.setPointerCapture(event.pointerId);
  });

  document.addEventListener("pointermove", (event) => {
    if (start) draw(start.svg, start.x, xOf(start.svg, event));
  });

  document.addEventListener("pointercancel", () => {
    if (start) draw(start.svg, LEFT, LEFT);
    start = null;
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    const said = document.querySelector("#timeline [data-said]");
    if (said && event.target.id === "timeline") document.getElementById("live").textContent = said.textContent;
  });

  document.addEventListener("pointerup", (event) => {
    if (!start) return;
    const { svg, x } = start, end = xOf(svg, event);
    start = null;
    if (Math.abs(end - x) < LEAST) return draw(svg, LEFT, LEFT);
    const query = new URLSearchParams(svg.dataset.zoom.slice(1));
    query.set("range", `${moment(svg, Math.min(x, end))}..${moment(svg, Math.max(x, end))}`);
    const link = document.createElement("a"); // a boosted link: the history and the Back button come with it
    link.href = `?${query}`;
    document.querySelector("#timeline .zoom").append(link);
    htmx.process(link);
    link.click();
  });
})();
