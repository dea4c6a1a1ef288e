// New messages: a line that says how many, and a title that counts. Nothing that is read moves; the link loads the page.
"use strict";
const at = document.querySelector("[data-live]");
if (at && window.EventSource) {
  const known = Number(at.dataset.high);
  const thread = at.dataset.thread;
  const line = document.querySelector("#live");
  const title = document.title;
  const seen = new Set();
  const events = new EventSource(at.dataset.live);
  events.addEventListener("room", (event) => {
    const news = JSON.parse(event.data);
    for (const [number, its] of news.new) if (number > known && (!thread || thread === its)) seen.add(number);
    const count = !thread && news.high - known > seen.size ? news.high - known : seen.size;
    if (!count) return;
    const link = document.createElement("a");
    link.href = thread ? `${at.dataset.path}/${Math.min(...seen)}#m${Math.min(...seen)}` : at.dataset.path;
    link.textContent = count === 1 ? "1 new message: show it" : `${count} new messages: show them`;
    line.replaceChildren(link);
    document.title = `(${count}) ${title}`;
  });
  addEventListener("pagehide", () => events.close());
}
