// The capture page's graph: traffic above, remarks below, on one axis of time. Drag to zoom; the address keeps the range.
"use strict";

(() => {
  const box = document.getElementById("plot");
  if (!box || typeof uPlot === "undefined") return;

  const drawn = box.querySelector(".drawn");
  const readout = box.querySelector(".readout");
  const svg = box.querySelector(".svgbox");
  const bands = JSON.parse(document.getElementById("io-bands").textContent);
  const all = Number(box.dataset.all);
  const LANE = 18, TOP = 170, LEAST_S = 1e-6, MOST_STEPS = 400;
  const TINTS = { retransmission: "--warn", reset: "--fail", zero_window: "--fail" };
  let charts = [], series = null, asked = 0;

  const gutter = () => box.clientWidth < 600 ? 72 : 96;
  const CLOCK = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400, 864000, 8640000];
  const INCREMENTS = [...Array.from({ length: 27 }, (_, i) => Number(`${[1, 2, 5][i % 3]}e${Math.floor(i / 3) - 9}`)), ...CLOCK];
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const round = (seconds) => seconds.toFixed(9).replace(/\.?0+$/, "") || "0";
  const short = (value) => value >= 1e9 ? `${+(value / 1e9).toPrecision(3)} G` : value >= 1e6 ? `${+(value / 1e6).toPrecision(3)} M`
    : value >= 1e3 ? `${+(value / 1e3).toPrecision(3)} k` : `${+value.toPrecision(3)} `;
  const rate = (value) => series.unit === "bytes" ? `${short(value)}B/s` : `${short(value)}/s`;
  const lasting = (ns) => ns >= 1e9 ? `${ns / 1e9} s` : ns >= 1e6 ? `${ns / 1e6} ms` : ns >= 1e3 ? `${ns / 1e3} µs` : `${ns} ns`;

  function axisLabel(seconds, step) {
    if (step < 60) return `${+seconds.toFixed(9)} s`;
    const whole = Math.round(seconds);
    return [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60].map((n, i) => i ? String(n).padStart(2, "0") : n).join(":");
  }

  function wallTime(seconds) {
    if (!box.dataset.zone) return "";
    const micros = BigInt(box.dataset.zero) / 1000n + BigInt(Math.round(seconds * 1e6));
    const clock = new Intl.DateTimeFormat("en-GB", { timeZone: box.dataset.zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
    return ` (${clock.format(new Date(Number(micros / 1000n)))}.${String(micros % 1000000n).padStart(6, "0")})`;
  }

  function rangeOfAddress() {
    const query = new URLSearchParams(location.search);
    const low = Number(query.get("start") || 0), high = Number(query.get("end") || all);
    return low >= 0 && high > low && low < all ? [low, Math.min(high, all)] : [0, all];
  }

  async function load(low, high) {
    const mine = ++asked;
    const address = new URL(box.dataset.source, location.href);
    address.searchParams.set("start", round(low));
    address.searchParams.set("end", round(high));
    address.searchParams.set("unit", box.dataset.unit);
    address.searchParams.set("steps", String(Math.max(60, Math.min(MOST_STEPS, Math.floor(box.clientWidth / 2.5)))));
    let answer;
    try {
      const response = await fetch(address, { headers: { Accept: "application/json" } });
      if (!response.ok) throw new Error(String(response.status));
      answer = await response.json();
    } catch {
      document.getElementById("live").textContent = box.dataset.wordsFailed;
      if (mine === asked && series) { readout.textContent = box.dataset.wordsFailed; }
      return;
    }
    if (mine !== asked) return; // a later drag was answered first
    series = answer;
    draw();
    tell();
  }

  function zoom(low, high) {
    const span = Math.max(LEAST_S, high - low);
    const digits = Math.min(9, Math.max(0, 3 - Math.floor(Math.log10(span)))); // a thousandth of what is shown
    const tidy = (seconds) => Number(seconds.toFixed(digits));
    low = tidy(Math.max(0, Math.min(low, all - span)));
    high = low + span >= all ? all : tidy(low + span);
    const address = new URL(location.href);
    address.hash = "io";
    if (low <= 0 && high >= all) {
      address.searchParams.delete("start");
      address.searchParams.delete("end");
    } else {
      address.searchParams.set("start", round(low));
      address.searchParams.set("end", round(high));
    }
    if (address.search === location.search) return; // both charts tell of one drag
    history.pushState(null, "", address);
    load(low, high);
  }

  // The page's other links and forms carry the range along.
  function tell() {
    const low = Number(series.low), high = Number(series.high), isWhole = low <= 0 && high >= all;
    document.getElementById("id_start").value = series.low;
    document.getElementById("id_end").value = series.high;
    document.getElementById("io-step").textContent = lasting(series.step_ns);
    document.querySelector("[data-zoom=all]").hidden = isWhole;
    const frames = document.getElementById("io-frames");
    frames.hidden = isWhole || !series.frames;
    if (series.frames) {
      const address = new URL(box.dataset.frames, location.href);
      address.searchParams.set("filter", `frame ${series.frames[0]}-${series.frames[1]}`);
      address.hash = "pk";
      frames.href = address;
    }
    for (const link of document.querySelectorAll("a[data-keep]")) {
      const address = new URL(link.href);
      for (const [name, value] of [["start", series.low], ["end", series.high]]) {
        if (isWhole) address.searchParams.delete(name); else address.searchParams.set(name, value);
      }
      link.href = address;
    }
    const form = document.querySelector("#conversations form");
    if (!form) return;
    form.querySelectorAll("[data-range]").forEach((field) => field.remove());
    for (const [name, value] of isWhole ? [] : [["start", series.low], ["end", series.high]]) {
      const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
      field.dataset.range = "";
      form.append(field);
    }
  }

  function draw() {
    charts.forEach((chart) => chart.destroy());
    const step = series.step_ns / 1e9, start = series.start_ns / 1e9;
    const xs = series.values.map((_, i) => start + i * step);
    const ys = series.values.map((value) => value / step);
    xs.push(start + series.values.length * step); // a step reaches to the next: the last one needs an end
    ys.push(ys[ys.length - 1]);
    svg.hidden = true;
    drawn.hidden = readout.hidden = false;
    document.querySelector(".drag-hint").hidden = !matchMedia("(hover: hover)").matches;
    charts = [traffic(xs, ys), remarks(xs)];
    read(null);
  }

  function common(height) {
    const ink = token("--ink-3"), line = token("--line");
    return {
      width: Math.max(200, box.clientWidth - 24), height, legend: { show: false }, padding: [8, 16, 8, 0],
      cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false, dist: 4 }, sync: { key: "io" }, bind: { dblclick: () => () => { zoom(0, all); return null; } } },
      scales: { x: { time: false, range: () => [Number(series.low), Number(series.high)] } },
      axis: { stroke: ink, font: `11px ${token("--mono")}`, grid: { stroke: line, width: 1 }, ticks: { show: false } },
      hooks: {
        setSelect: [(chart) => {
          if (chart.select.width < 2) return;
          const low = chart.posToVal(chart.select.left, "x"), high = chart.posToVal(chart.select.left + chart.select.width, "x");
          chart.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
          zoom(low, high);
        }],
        setCursor: [(chart) => read(chart.cursor.idx)],
      },
    };
  }

  function traffic(xs, ys) {
    const options = common(TOP);
    options.hooks.drawClear = [(chart) => drawBands(chart, true)];
    options.scales.y = { range: (_chart, _low, high) => [0, high > 0 ? high * 1.08 : 1] };
    options.axes = [{ ...options.axis, show: false }, { ...options.axis, size: gutter(), space: 40, values: (_chart, splits) => splits.map((v) => rate(v)) }];
    options.series = [{}, { stroke: token("--accent"), fill: token("--accent-bg"), width: 1, paths: uPlot.paths.stepped({ align: 1 }), points: { show: false } }];
    return new uPlot(options, [xs, ys], drawn);
  }

  function remarks(xs) {
    const families = series.families, count = families.length;
    const options = common(LANE * Math.max(count, 0) + 34);
    options.padding = [0, 16, 0, 0];
    options.scales.y = { range: () => [-Math.max(count, 0.01), 0] };
    options.axes = [
      { ...options.axis, size: 26, space: 90, incrs: INCREMENTS, grid: { show: false }, values: (_chart, splits, _axis, _space, step) => splits.map((v) => axisLabel(v, step)) },
      { ...options.axis, size: gutter(), font: `11px ${token("--sans")}`, stroke: token("--ink-2"), splits: () => families.map((_, i) => -i - 0.5), values: () => families.map((one) => one.words) },
    ];
    options.series = [{}, { show: true, paths: () => null, points: { show: false } }];
    options.hooks.drawClear = count ? [(chart) => drawBands(chart, false)] : [];
    options.hooks.draw = [(chart) => drawLanes(chart, xs)];
    return new uPlot(options, [xs, xs.map(() => null)], drawn);
  }

  function drawBands(chart, named) {
    const { ctx, bbox } = chart;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.font = `${11 * devicePixelRatio}px ${token("--sans")}`;
    let free = -Infinity; // where the next name may begin
    for (const [id, first, last] of bands) {
      const left = chart.valToPos(first, "x", true), width = Math.max(2 * devicePixelRatio, chart.valToPos(last, "x", true) - left);
      ctx.fillStyle = token("--warn-bg");
      ctx.fillRect(left, bbox.top, width, bbox.height);
      if (!named || left < free) continue;
      free = left + (8 + ctx.measureText(id).width / devicePixelRatio) * devicePixelRatio;
      ctx.fillStyle = token("--warn");
      ctx.fillText(id, left + 4 * devicePixelRatio, bbox.top + 12 * devicePixelRatio);
    }
    ctx.restore();
  }

  function drawLanes(chart, xs) {
    const { ctx, bbox } = chart, ratio = devicePixelRatio;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    const wide = Math.max(2 * ratio, Math.min(6 * ratio, bbox.width / xs.length - ratio));
    series.families.forEach((one, lane) => {
      const most = Math.max(...one.frames), middle = chart.valToPos(-lane - 0.5, "y", true);
      ctx.fillStyle = token(TINTS[one.name] || "--ink-3");
      one.frames.forEach((n, i) => {
        if (!n) return;
        const half = (2 + 5 * n / most) * ratio;
        ctx.fillRect(Math.max(bbox.left, chart.valToPos(xs[i], "x", true)), middle - half, wide, 2 * half);
      });
    });
    ctx.restore();
  }

  function read(index) {
    if (index == null || index >= series.values.length) {
      const sum = series.values.reduce((a, b) => a + b, 0);
      readout.textContent = `${series.low} s – ${series.high} s · ${series.unit === "bytes" ? `${short(sum)}B` : `${sum.toLocaleString("en")} ${box.dataset.wordsAll}`}`;
      return;
    }
    const at = series.start_ns / 1e9 + index * series.step_ns / 1e9;
    const said = series.families.filter((one) => one.frames[index]).map((one) => `${one.words} ${one.frames[index].toLocaleString("en")}`);
    const value = series.values[index] / (series.step_ns / 1e9);
    readout.textContent = [`${+at.toFixed(9)} s${wallTime(at)}`, series.unit === "bytes" ? rate(value) : `${short(value).trim()} ${box.dataset.wordsFrames}`, ...said].join(" · ");
  }

  document.querySelector("form.range").addEventListener("submit", (event) => {
    const low = Number(document.getElementById("id_start").value || 0), high = Number(document.getElementById("id_end").value || all);
    if (!series || !(low >= 0 && high > low && low < all)) return; // the server says what is wrong with it
    event.preventDefault();
    zoom(low, Math.min(high, all));
  });

  document.querySelector("form.range").addEventListener("click", (event) => {
    const link = event.target.closest("[data-zoom]");
    if (!link || !series || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const low = Number(series.low), high = Number(series.high), span = high - low;
    const [from, to] = { all: [0, all], in: [low + span / 4, high - span / 4], out: [low - span / 2, high + span / 2],
      earlier: [low - span / 4, high - span / 4], later: [low + span / 4, high + span / 4] }[link.dataset.zoom];
    if (link.dataset.zoom === "out") zoom(Math.max(0, from), Math.min(all, to)); else zoom(from, to);
  });

  const redraw = () => { if (series) draw(); };
  addEventListener("popstate", () => load(...rangeOfAddress()));
  document.addEventListener("konseki:theme", redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  let width = box.clientWidth;
  new ResizeObserver(() => {
    if (box.clientWidth === width || !series) return;
    width = box.clientWidth;
    charts.forEach((chart) => chart.setSize({ width: Math.max(200, width - 24), height: chart.height }));
  }).observe(box);
  load(...rangeOfAddress());
})();
