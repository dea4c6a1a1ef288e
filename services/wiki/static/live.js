// What is new: a line that says so, and a title that counts. Nothing that is read or typed moves; the link shows the news.
"use strict";
const at = document.querySelector("[data-live]");
const line = document.querySelector("#live");
const title = document.title;
const seen = new Set();
const say = (text, path, count) => {
  const link = document.createElement("a");
  link.href = path;
  link.textContent = text;
  if (at.hasAttribute("data-editing")) link.target = "_blank"; // what is typed stays where it is
  line.replaceChildren(link);
  document.title = `(${count}) ${title}`;
};
const since = (date) => {
  const minutes = Math.floor((Date.now() - Date.parse(date)) / 60000);
  return minutes < 1 ? "just now" : minutes < 60 ? `${minutes} minute${minutes === 1 ? "" : "s"} ago` : new Date(date).toLocaleString();
};
const tell = {
  room(news) {
    const known = Number(at.dataset.high);
    const thread = at.dataset.thread;
    for (const [number, its] of news.new) if (number > known && (!thread || thread === its)) seen.add(number);
    const count = !thread && news.high - known > seen.size ? news.high - known : seen.size;
    if (!count) return;
    const path = thread ? `${at.dataset.path}/${Math.min(...seen)}#m${Math.min(...seen)}` : at.dataset.path;
    say(count === 1 ? "1 new message: show it" : `${count} new messages: show them`, path, count);
  },
  page(news) {
    const known = Number(at.dataset.revision);
    if (news.there ? news.revision <= known : !known) return;
    if (!news.there) say("The page was deleted or renamed: show", at.dataset.history, 1);
    else if (at.hasAttribute("data-editing")) say(`${news.by} saved revision ${news.revision} ${since(news.at)}, while you write: show what changed`, `${at.dataset.diff}?from=${known}`, 1);
    else say(`Changed by ${news.by} ${since(news.at)}: show`, at.dataset.path, news.revision - known);
  },
};
let events = null;
const open = () => {
  if (events || document.hidden) return;
  events = new EventSource(at.dataset.live);
  for (const kind of Object.keys(tell)) events.addEventListener(kind, (event) => tell[kind](JSON.parse(event.data)));
};
const close = () => {
  if (events) events.close();
  events = null;
};
if (at && line && window.EventSource) {
  // A browser has six connections for a site: pages that nobody looks at give theirs back, and ask again when looked at.
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
}
