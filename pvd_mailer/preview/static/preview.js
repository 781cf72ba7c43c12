// Shows the letter in the chosen view, and follows what is saved. No library, no build.
import { patch } from "./patch.js";

const byId = (id) => document.getElementById(id);
const body = document.body;
const frame = byId("frame");
const form = document.querySelector(".views");
const status = byId("status");
const help = byId("help");
const keys = byId("keys");
const checks = ["dark", "no-images", "no-styles"];

// --- The view -------------------------------------------------------------------------------------------------

const view = () => form.elements.view.value;
const isLetter = () => view() === "desktop" || view() === "mobile";

function address() {
  if (!isLetter()) return `/${view()}`;
  const asked = new URLSearchParams();
  if (form.elements.dark.checked) asked.set("dark", "1");
  if (form.elements["no-images"].checked) asked.set("images", "0");
  if (form.elements["no-styles"].checked) asked.set("styles", "0");
  const query = asked.toString();
  return query ? `/letter?${query}` : "/letter";
}

/** The view from the page's own address, so that reloading the page keeps it. */
function recall() {
  const asked = new URLSearchParams(location.search);
  const fits = window.innerWidth >= 720 ? "desktop" : "mobile";
  form.elements.view.value = asked.get("view") ?? fits;
  if (!view()) form.elements.view.value = fits;
  for (const name of checks) form.elements[name].checked = asked.has(name);
}

function remember() {
  const asked = new URLSearchParams({ view: view() });
  for (const name of checks) if (form.elements[name].checked) asked.set(name, "");
  history.replaceState(null, "", `?${asked.toString().replaceAll("=&", "&").replace(/=$/, "")}`);
}

function arrange() {
  body.dataset.view = view();
  body.dataset.dark = String(isLetter() && form.elements.dark.checked);
  for (const name of checks) form.elements[name].disabled = !isLetter();
  reach();
}

// --- The frame ------------------------------------------------------------------------------------------------
// It is as tall as the letter, so that this page scrolls and the letter does not: a new letter then leaves the
// reader where they were. The letter cannot run scripts and so cannot say how tall it is; being of the same origin
// it can be asked.

const MARKS = "h1, h2, h3, h4, p, li, img, code";
let shownAt = null; // the address that the frame shows
let turn = 0; // only the newest request counts
let loaded = Promise.resolve();

function fit() {
  const page = frame.contentDocument;
  if (!page?.body) return;
  const root = page.documentElement;
  const tall = Math.max(root.getBoundingClientRect().height, page.body.scrollHeight);
  const bar = root.scrollWidth > root.clientWidth ? frame.clientHeight - root.clientHeight : 0;
  frame.style.height = `${Math.ceil(tall) + Math.max(bar, 0)}px`;
}

const watcher = new ResizeObserver(fit);

/** How far down the frame the reader's eye is, and what is there. */
function place() {
  const page = frame.contentDocument;
  const top = eye();
  if (!page || frame.hidden || frame.getBoundingClientRect().top > top) return null;
  const inside = top - frame.getBoundingClientRect().top;
  const marks = [...page.querySelectorAll(MARKS)];
  const index = marks.findIndex((mark) => mark.getBoundingClientRect().bottom > inside);
  if (index < 0) return null;
  const same = isLetter() ? "letter" : view();
  return { index, same, offset: marks[index].getBoundingClientRect().top - inside, ratio: inside / frame.clientHeight };
}

// In a wide window the desk is no box of its own: the findings stand beside the letter, and only its bar is above.
const eye = () => {
  const desk = document.querySelector(".desk").getBoundingClientRect();
  return Math.max(0, desk.height ? desk.bottom : document.querySelector(".bar").getBoundingClientRect().bottom);
};

/** How much of the window's top stays covered wherever the page is scrolled: by what sticks there, stuck already or not. */
function cover() {
  const sticks = (box) => box.offsetHeight > 0 && getComputedStyle(box).position === "sticky";
  return [...document.querySelectorAll(".desk, .bar")].find(sticks)?.offsetHeight ?? 0;
}

function goBackTo(kept) {
  if (!kept) return;
  const now = frame.getBoundingClientRect().top - eye();
  const mark = frame.contentDocument?.querySelectorAll(MARKS)[kept.index];
  const same = kept.same === (isLetter() ? "letter" : view());
  const inside = mark && same ? mark.getBoundingClientRect().top - kept.offset : kept.ratio * frame.clientHeight;
  window.scrollBy({ top: now + inside, behavior: "instant" });
}

function settle() {
  const page = frame.contentDocument;
  if (!page?.body) return;
  page.addEventListener("keydown", onKey);
  page.addEventListener("click", onClick);
  watcher.disconnect();
  watcher.observe(page.documentElement);
  fit();
}

/** Anchors stay inside the letter, and it is this page that scrolls to them. */
function onClick(event) {
  const link = event.target.closest?.("a[href^='#']");
  if (!link) return;
  event.preventDefault();
  goTo(decodeURIComponent(link.hash.slice(1)));
}

const named = (page, name) => page?.getElementById(name) ?? page?.getElementsByName(name)[0] ?? null;
const topOf = (element) => element.getBoundingClientRect().top;

/** Scroll to `top`, which counts from the top of the letter, and leave some air above it. */
function bring(top) {
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const by = topOf(frame) + top - cover() - AIR;
  window.scrollBy({ top: by, behavior: calm ? "instant" : "smooth" });
}

/** Bring what is of that name before the reader's eye. */
function goTo(name) {
  const target = named(frame.contentDocument, name);
  if (target) bring(topOf(target));
}

const AIR = 12; // pixels between the bar and what was led to
const ROW = 120; // how far above its title a block's row may begin: a calendar leaf, a kicker

/** The picture of a finding's block, the one that is nearest to the block's title where the letter has it twice. */
function pictureOf(page, link, title) {
  const names = (link.dataset.pictures ?? "").split(" ").filter(Boolean);
  const shown = [...page.images].filter((one) => names.some((name) => one.src.endsWith(`/${name}`)) && one.getClientRects().length);
  const far = (one) => (title ? Math.abs(topOf(one) - topOf(title)) : 0);
  return shown.sort((one, other) => far(one) - far(other))[0];
}

/** What a finding is about in the letter, and where its block begins there: with a picture, if that stands above the title. */
function blockOf(page, link) {
  const title = named(page, link.dataset.anchor);
  const picture = pictureOf(page, link, title);
  const about = picture && (link.dataset.about === "picture" || !title) ? picture : title;
  if (!about) return null;
  const row = about !== picture && about.closest("tr");
  let top = row && topOf(about) - topOf(row) < ROW ? topOf(row) : topOf(about);
  // What is led to is in sight in any case; its picture too, where there is room for both.
  const room = window.innerHeight - cover() - 2 * AIR;
  if (picture && topOf(picture) < top && about.getBoundingClientRect().bottom - topOf(picture) < room) top = topOf(picture);
  return { about, top };
}

/** From a finding to its block: the letter is brought up if another view is open, and the block is marked a while. */
async function onFinding(event) {
  const link = event.target.closest?.("a[data-anchor]");
  if (!link || frame.hidden) return;
  event.preventDefault();
  if (!isLetter()) {
    form.elements.view.value = window.innerWidth >= 720 ? "desktop" : "mobile";
    show();
  }
  await loaded;
  const found = blockOf(frame.contentDocument, link);
  if (!found) return;
  bring(found.top);
  found.about.tabIndex = -1;
  found.about.focus({ preventScroll: true });
  const marked = { outline: "3px solid #c2410c", outlineOffset: "6px", borderRadius: "2px" };
  found.about.animate([marked, marked], { duration: 2500 });
}

function open(kept) {
  turn += 1;
  shownAt = address();
  loaded = new Promise((done) => {
    frame.addEventListener("load", () => {
      settle();
      goBackTo(kept);
      done();
    }, { once: true });
  });
  // replace: looking at another view is not a step in the browser's history.
  frame.contentWindow.location.replace(shownAt);
}

/** The new letter in place of the old one, by what differs; anew where that cannot be done. */
async function exchange() {
  turn += 1;
  const mine = turn;
  await loaded;
  try {
    const answer = await fetch(address());
    const text = await answer.text();
    if (mine !== turn) return;
    if (!answer.ok) throw new Error(answer.statusText);
    // The frame's own parser: the letter's style attributes are for the frame's policy to allow, not for this page's.
    const next = new frame.contentWindow.DOMParser().parseFromString(text, "text/html");
    patch(frame.contentDocument.documentElement, next.documentElement);
    fit();
  } catch {
    if (mine === turn) open(place());
  }
}

function show() {
  const kept = place();
  remember();
  if (address() === shownAt) {
    arrange();
    fit();
    goBackTo(kept);
  } else {
    const before = body.dataset.view === "desktop" || body.dataset.view === "mobile" ? "letter" : body.dataset.view;
    arrange();
    if (!frame.hidden) open(kept && { ...kept, same: before });
  }
}

// --- What a save changes --------------------------------------------------------------------------------------

const written = {};

function put(id, html) {
  if (written[id] !== html) byId(id).innerHTML = html;
  written[id] = html;
}

function say(id, text) {
  const target = byId(id);
  if (target.textContent !== text) target.textContent = text;
}

// Beside the letter there is room for advice; above it, it would hide the letter.
const wide = window.matchMedia("(min-width: 75rem)");
const folds = {};

/** Lists are open as the reader left them, and else as there is room. */
function unfold() {
  for (const fold of document.querySelectorAll("[data-fold]")) {
    fold.open = folds[fold.dataset.fold] ?? (wide.matches && fold.dataset.fold === "advice");
  }
}

/** What scrolls can be scrolled by keyboard. */
function reach() {
  const list = byId("faults");
  list.tabIndex = list.scrollHeight > list.clientHeight ? 0 : -1;
  const side = document.querySelector(".scroll");
  side.tabIndex = side.scrollWidth > side.clientWidth ? 0 : -1;
}

function update(state) {
  body.dataset.state = state.state;
  say("status", state.status);
  if (state.stamp === body.dataset.stamp) return;
  body.dataset.stamp = state.stamp;
  body.dataset.revision = state.revision;
  document.title = state.title;
  say("alert", state.alert);
  byId("list").setAttribute("aria-busy", state.checking);
  put("list", state.faults);
  body.dataset.findingsRevision = state.findings_revision;
  unfold();
  reach();
  put("head", state.head);
  if (state.letter === body.dataset.letter) return;
  body.dataset.letter = state.letter;
  byId("nothing").hidden = state.letter !== "";
  const first = frame.hidden;
  frame.hidden = state.letter === "";
  if (first) open(null);
  else exchange();
}

// A browser has six connections for one host, in all its tabs: a tab that nobody looks at gives its own back.
const PATIENCE = 30000;
let events = null;
let leaving = null;

function listen() {
  clearTimeout(leaving);
  if (events && events.readyState !== EventSource.CLOSED) return;
  events = new EventSource("/events");
  events.addEventListener("message", (event) => update(JSON.parse(event.data)));
  events.addEventListener("error", () => {
    body.dataset.state = "lost";
    say("status", body.dataset.lost);
  });
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) leaving = setTimeout(() => events.close(), PATIENCE);
  else listen();
});

// --- Keys -----------------------------------------------------------------------------------------------------

const SHORTCUTS = "pvd-mailer-shortcuts";

function press(control) {
  if (!control || control.disabled) return;
  if (control.type === "radio") control.checked = true;
  else control.checked = !control.checked;
  show();
}

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat || !keys.checked) return;
  if (help.open || event.target.closest?.("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox])")) return;
  if (event.key === "?") {
    event.preventDefault();
    help.showModal();
    return;
  }
  if (event.key.length === 1) press(form.querySelector(`[aria-keyshortcuts="${CSS.escape(event.key.toLowerCase())}"]`));
}

try {
  keys.checked = localStorage.getItem(SHORTCUTS) !== "off";
} catch {
  // Storage may be refused; the shortcuts are then on until the page goes.
}
keys.addEventListener("change", () => {
  try {
    localStorage.setItem(SHORTCUTS, keys.checked ? "on" : "off");
  } catch {
    // As above.
  }
});
document.addEventListener("keydown", onKey);
byId("list").addEventListener("click", (event) => {
  onFinding(event);
  const fold = event.target.closest("summary")?.parentElement;
  if (fold) folds[fold.dataset.fold] = !fold.open; // it is turned after this
});
byId("help-opens").addEventListener("click", () => help.showModal());
form.addEventListener("change", show);
form.addEventListener("submit", (event) => event.preventDefault());
window.addEventListener("resize", () => {
  fit();
  unfold();
  reach();
});

// The way back to the findings, while they are out of sight.
new IntersectionObserver(([seen]) => {
  body.dataset.findings = seen.isIntersecting ? "seen" : "away";
}).observe(byId("faults"));

recall();
unfold();
arrange();
if (!frame.hidden) open(null);
listen();
