// Live parts of officers' pages: at each event the marked parts are fetched anew. Without script, reload.
"use strict";
let isBusy = false;
async function renew() {
  if (isBusy) return;
  isBusy = true;
  try {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live-part]")) {
      const next = fresh.getElementById(part.id);
      // Whoever is at work in a part keeps it as it is.
      if (next && !part.contains(document.activeElement)) part.replaceWith(next);
    }
  } catch {
    // The line is down: the page stays as it is, and its reload link with it.
  } finally {
    isBusy = false;
  }
}
for (const element of document.querySelectorAll("[data-live]")) {
  new EventSource(element.dataset.live).addEventListener("changed", renew);
}
