// The upload page: files, folders and archives dropped or chosen wait in a list, then go one after the other, each with its progress.
// Without this script the same form sends the same files.
"use strict";

const form = document.getElementById("upload");
const words = form?.dataset ?? {};
const waiting = []; // { name, files: [{ file, path }], bytes, row, state }
const ARCHIVE = /\.(zip|tgz|tbz2?|txz|tzst|tar(\.(gz|bz2|xz|zst))?)$/i;
let sending = false;

if (form) start();

function start() {
  for (const plain of form.querySelectorAll("[data-plain]")) plain.hidden = true;
  for (const scripted of form.querySelectorAll("[data-scripted]")) scripted.hidden = false;
  for (const button of form.querySelectorAll("[data-choose]")) {
    button.addEventListener("click", () => form.elements[button.dataset.choose].click());
  }
  for (const name of ["files", "folder"]) {
    form.elements[name].addEventListener("change", (event) => {
      choose([...event.target.files].map((file) => ({ file, path: file.webkitRelativePath || file.name })));
      event.target.value = "";
    });
  }
  const drop = form.querySelector("[data-drop]");
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    drop.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.classList.remove("over"); });
  document.addEventListener("drop", async (event) => {
    drop.classList.remove("over");
    if (!holdsFiles(event)) return;
    event.preventDefault();
    choose(await droppedFiles(event.dataTransfer));
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); sendAll(); });
  addEventListener("beforeunload", (event) => { if (sending) event.preventDefault(); });
}

// Every file below what was dropped, with its path; entries have to be taken before the first wait, the list is empty afterwards.
async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((file) => ({ file, path: file.name }));
  const found = [];
  for (const entry of entries) await walk(entry, found);
  return found;
}

async function walk(entry, found) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => { entry.file(resolve, reject); }).catch(() => null);
    if (file) found.push({ file, path: entry.fullPath.replace(/^\//, "") });
    return;
  }
  const reader = entry.createReader();
  for (;;) { // a browser hands out a hundred entries at a time
    const some = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); }).catch(() => []);
    if (!some.length) return;
    for (const one of some) await walk(one, found);
  }
}

// Folders and archives are runs of their own, unless loose files came with them or all go into a run that is there.
function choose(found) {
  const single = !form.elements.label || found.some(({ path }) => !path.includes("/") && !ARCHIVE.test(path));
  const groups = new Map();
  for (const one of found) {
    const top = single ? "" : one.path.split("/")[0];
    groups.set(top, [...(groups.get(top) ?? []), one]);
  }
  for (const [top, files] of groups) add(top || nameOf(files), files);
  show();
}

function nameOf(files) {
  const tops = new Set(files.map(({ path }) => path.split("/")[0]));
  return tops.size === 1 ? [...tops][0] : words.loose;
}

function add(name, files) {
  const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
  const row = document.getElementById("upload-row").content.firstElementChild.cloneNode(true);
  const upload = { name, files, bytes, row, state: "waiting" };
  row.querySelector("[data-name]").textContent = visible(name);
  row.querySelector("[data-count]").textContent = files.length.toLocaleString("en");
  row.querySelector("[data-size]").textContent = size(bytes);
  row.querySelector("[data-remove]").addEventListener("click", () => {
    waiting.splice(waiting.indexOf(upload), 1);
    row.remove();
    show();
  });
  form.querySelector("[data-queue] tbody").append(row);
  waiting.push(upload);
  const tooLarge = bytes > Number(words.maxBytes) && words.tooLarge.replace("{limit}", size(Number(words.maxBytes)));
  const tooMany = files.length > Number(words.maxFiles) && words.tooMany.replace("{limit}", Number(words.maxFiles).toLocaleString("en"));
  if (tooLarge || tooMany) fail(upload, [tooLarge || tooMany]);
  else mark(upload, "waiting", "m-open");
}

function show() {
  form.querySelector("[data-queue]").hidden = !waiting.length;
  const label = form.elements.label;
  if (!label) return;
  const open = waiting.filter(({ state }) => state === "waiting" || state === "broken");
  label.disabled = open.length > 1;
  label.placeholder = open.length > 1 ? words.own : open.length ? open[0].name.replace(ARCHIVE, "") : "";
}

async function sendAll() {
  if (sending) return;
  const open = waiting.filter(({ state }) => state === "waiting" || state === "broken");
  if (!open.length) { say(words.nothing); return; }
  const only = waiting.length === 1;
  const button = form.querySelector("aside .btn-main");
  sending = button.disabled = true;
  for (const upload of open) await send(upload);
  sending = button.disabled = false;
  show();
  if (only && waiting[0]?.state === "done") location.assign(waiting[0].url);
}

function send(upload) {
  const body = new FormData();
  body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  if (form.elements.label && !form.elements.label.disabled) body.append("label", form.elements.label.value);
  if (form.elements.team) body.append("team", form.elements.team.value);
  for (const { file, path } of upload.files) body.append("files", file, path);
  const bar = upload.row.querySelector("progress");
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.responseType = "json";
  request.setRequestHeader("Accept", "application/json");
  request.upload.addEventListener("progress", (event) => {
    bar.max = event.total;
    bar.value = event.loaded;
    detail(upload, words.of.replace("{sent}", size(event.loaded)).replace("{total}", size(event.total)));
  });
  request.upload.addEventListener("load", () => { mark(upload, "keeping", "m-run"); detail(upload, ""); });
  upload.row.querySelector("[data-remove]").hidden = true;
  upload.row.querySelector("[data-errors]").replaceChildren();
  bar.hidden = false;
  mark(upload, "sending", "m-run");
  return new Promise((resolve) => {
    request.addEventListener("loadend", () => {
      bar.hidden = true;
      detail(upload, "");
      answered(upload, request);
      resolve();
    });
    request.send(body);
  });
}

function answered(upload, request) {
  const answer = request.response;
  if (request.status === 201 && answer?.url) {
    upload.url = answer.url;
    mark(upload, "done", "m-done", "ok");
    const link = document.createElement("a");
    link.href = answer.url;
    link.textContent = words.open;
    upload.row.lastElementChild.replaceChildren(link);
    say(words.done);
    return;
  }
  if (!request.status) fail(upload, [words.broken], "broken");
  else fail(upload, answer?.errors?.length ? answer.errors : [words.refused]);
}

function fail(upload, errors, state = "failed") {
  mark(upload, "failed", "m-stop", "fail");
  upload.state = state;
  upload.row.querySelector("[data-remove]").hidden = false;
  upload.row.querySelector("[data-errors]").replaceChildren(...errors.map((line) => {
    const shown = document.createElement("div");
    shown.className = "errorline";
    shown.textContent = visible(line);
    return shown;
  }));
  say(errors[0]);
}

function mark(upload, state, symbol, colour = "live") {
  upload.state = state;
  upload.row.querySelector("[data-state]").textContent = words[state];
  const picture = upload.row.querySelector("svg");
  picture.setAttribute("class", `m ${colour}`);
  picture.querySelector("use").setAttribute("href", `#${symbol}`);
}

function detail(upload, text) {
  upload.row.querySelector("[data-detail]").textContent = text;
}

function say(text) {
  document.getElementById("live").textContent = text;
}

// Control and bidirectional characters of a name are shown, not obeyed.
function visible(name) {
  return name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (c) => `⟨U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);
}

// Powers of ten, as the pages have them.
function size(bytes) {
  if (bytes < 10000) return `${bytes.toLocaleString("en")}\u00a0B`;
  const units = ["kB", "MB", "GB", "TB"];
  let power = -1;
  while (bytes >= 1000 && power < units.length - 1) { bytes /= 1000; power += 1; }
  return `${bytes.toLocaleString("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 })}\u00a0${units[power]}`;
}
