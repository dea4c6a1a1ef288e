// Single keys, the list of keys, and Ctrl+Enter. The site works without it.
"use strict";
const off = () => localStorage.getItem("keys") === "off";
const typing = (at) => at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName);
const places = { w: "/", r: "/rooms/", b: "/blog/", c: "/recent" };
let before = "";
const follow = (key) => {
  const link = document.querySelector(`main a[aria-keyshortcuts="${key}"]`);
  if (link) link.click();
  return Boolean(link);
};
const step = (by) => {
  const links = [...document.querySelectorAll("main .rows .title a, main table.stack th a")];
  if (!links.length) return false;
  const at = links.indexOf(document.activeElement);
  links[Math.min(links.length - 1, Math.max(0, at + by))].focus();
  return true;
};
const keys = async () => {
  let dialog = document.querySelector("dialog#all-keys");
  if (!dialog) {
    const answer = await fetch("/about/keys");
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    dialog = document.createElement("dialog");
    dialog.id = "all-keys";
    const heading = document.createElement("h2");
    heading.textContent = "Keys";
    const close = document.createElement("button");
    close.textContent = "Close";
    close.addEventListener("click", () => dialog.close());
    dialog.append(heading, page.querySelector("#keys"), close);
    document.body.append(dialog);
  }
  dialog.showModal();
};
document.addEventListener("keydown", (event) => {
  const at = event.target;
  if (event.ctrlKey && event.key === "Enter" && at.tagName === "TEXTAREA" && at.form) {
    const primary = at.form.querySelector("button.primary");
    at.form.requestSubmit(primary || undefined);
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey || typing(at) || off()) return;
  let done = true;
  if (before === "g" && places[event.key]) location.href = places[event.key];
  else if (event.key === "/") document.querySelector("#find").focus();
  else if (event.key === "?") keys();
  else if (event.key === "j") done = step(1);
  else if (event.key === "k") done = step(-1);
  else if (/^[a-z]$/.test(event.key)) done = follow(event.key);
  else done = false;
  before = event.key === "g" ? "g" : "";
  if (done) event.preventDefault();
});
const keySwitch = document.querySelector("#keys-switch");
if (keySwitch) {
  const say = () => { keySwitch.textContent = off() ? "Turn single keys on" : "Turn single keys off"; };
  keySwitch.hidden = false;
  keySwitch.addEventListener("click", () => { localStorage.setItem("keys", off() ? "on" : "off"); say(); });
  say();
}
// The contents are open beside the text, where there is room.
const toc = document.querySelector("details.toc");
if (toc && matchMedia("(min-width: 62rem)").matches) toc.open = true;
// What is typed into a text is kept by the browser until it is sent: a closed tab or the Back button loses nothing.
const drafted = document.querySelector("textarea[data-draft]");
const DRAFT = "draft ";
const sent = sessionStorage.getItem("sent");
sessionStorage.removeItem("sent");
if (sent && !drafted && document.referrer && !document.querySelector("[name^=kept_]")) localStorage.removeItem(sent);
for (const form of document.querySelectorAll("form[action='/sign-out']")) {
  form.addEventListener("submit", () => {
    for (const key of Object.keys(localStorage)) if (key.startsWith(DRAFT)) localStorage.removeItem(key);
  });
}
const offer = (draft) => {
  const line = document.createElement("div");
  line.className = "notice measure";
  line.setAttribute("role", "status");
  const words = document.createElement("p");
  words.append(Object.assign(document.createElement("strong"), { textContent: "A text of yours was not sent. " }));
  words.append(`You typed it here on ${new Date(draft.at).toLocaleString()}.`);
  const back = Object.assign(document.createElement("button"), { type: "button", textContent: "Put it back" });
  const drop = Object.assign(document.createElement("button"), { type: "button", textContent: "Drop it", className: "plain" });
  const actions = Object.assign(document.createElement("p"), { className: "actions" });
  actions.append(back, " ", drop);
  line.append(words, actions);
  back.addEventListener("click", () => {
    drafted.value = draft.text;
    if (drafted.form.base) drafted.form.base.value = draft.base; // changes that others made since are seen when it is saved
    line.remove();
    drafted.focus();
  });
  drop.addEventListener("click", () => { localStorage.removeItem(DRAFT + drafted.dataset.draft); line.remove(); });
  drafted.form.before(line);
};
if (drafted) {
  const key = DRAFT + drafted.dataset.draft;
  const kept = () => JSON.parse(localStorage.getItem(key));
  const keep = () => {
    const base = drafted.form.base ? drafted.form.base.value : "";
    try { localStorage.setItem(key, JSON.stringify({ text: drafted.value, base, at: Date.now() })); } catch { /* no room */ }
  };
  if (kept() && kept().text !== drafted.value) offer(kept());
  drafted.addEventListener("input", keep);
  drafted.form.addEventListener("submit", () => sessionStorage.setItem("sent", key));
}
