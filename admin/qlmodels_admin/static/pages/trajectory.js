"use strict";
// Left and right step through an episode; the URL and the state below follow, past the page's ends too.
{
  const line = document.querySelector("[data-timeline]");
  const links = line ? [...line.querySelectorAll("[data-step]")] : [];
  const step = (link) => link.closest("li");
  let at = links.findIndex((link) => step(link).getAttribute("aria-current"));
  let asked = null;

  const showState = async (url) => {
    asked?.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(url, { signal: asked.signal });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = page.querySelector("[data-chosen]");
      if (found) document.querySelector("[data-chosen]").replaceWith(found);
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  };

  const choose = (place, focus) => {
    if (place === at) return;
    step(links[at]).removeAttribute("aria-current");
    at = place;
    const link = links[at];
    step(link).setAttribute("aria-current", "step");
    step(link).scrollIntoView({ block: "nearest", inline: "nearest" });
    if (focus) link.focus({ preventScroll: true });
    history.replaceState(null, "", link.href);
    showState(link.href);
  };

  const typing = (target) => target.closest("input, select, textarea, [contenteditable], .cm-editor, [role=region]");

  if (links.length) {
    step(links[at]).scrollIntoView({ block: "nearest", inline: "center" });
    line.addEventListener("click", (event) => {
      const link = event.target.closest("[data-step]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      choose(links.indexOf(link), true);
    });
    addEventListener("keydown", (event) => {
      const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!way || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || typing(event.target)) return;
      const beyond = way < 0 ? line.dataset.former : line.dataset.next;
      if (links[at + way]) choose(at + way, true);
      else if (beyond) location.assign(beyond);
      else return;
      event.preventDefault();
    });
  }
}
