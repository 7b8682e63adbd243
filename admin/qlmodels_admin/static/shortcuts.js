"use strict";
// Everything by keyboard: / searches, g and a letter goes somewhere, j and k walk through rows.
{
  const dialog = document.getElementById("keys");
  const field = document.querySelector("[data-find]");
  const toggle = document.querySelector("[data-keys-on]");
  const ROWS = ".results a, .needy li > a.key, table.list tbody td.is-key a, .history-list a.key";
  const WAIT = 1200;  // milliseconds for the letter after g
  let went = -Infinity;

  const isOn = () => { try { return localStorage.getItem("qlmodels.keys") !== "off"; } catch { return true; } };
  const keep = (on) => { try { localStorage.setItem("qlmodels.keys", on ? "on" : "off"); } catch { /* not kept */ } };
  const isTyping = (target) => target.closest("input, textarea, select, [contenteditable='true'], .cm-editor") !== null;

  const turn = () => { if (dialog.open) dialog.close(); else dialog.showModal(); };

  const walk = (by) => {
    const rows = [...document.querySelectorAll(`main :is(${ROWS})`)].filter((row) => row.offsetParent !== null);
    if (!rows.length) return;
    const place = rows.indexOf(document.activeElement);
    const next = place < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(place + by, 0), rows.length - 1);
    rows[next].focus();
    rows[next].scrollIntoView({ block: "nearest" });
  };

  const go = (letter) => {
    const link = document.querySelector(`[data-go="${CSS.escape(letter)}"]`);
    if (link) location.href = link.href;
  };

  const act = (event) => {
    if (performance.now() - went < WAIT) { went = -Infinity; go(event.key); return true; }
    switch (event.key) {
      case "/": field.focus(); field.select(); return true;
      case "?": turn(); return true;
      case "g": went = performance.now(); return true;
      case "j": walk(1); return true;
      case "k": walk(-1); return true;
      default: return false;
    }
  };

  if (dialog) {
    toggle.checked = isOn();
    toggle.addEventListener("change", () => keep(toggle.checked));
    document.querySelector("[data-keys]").addEventListener("click", turn);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && event.target === field) { field.blur(); return; }
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
      if (dialog.open && event.key !== "?") return;
      if (isOn() && act(event)) event.preventDefault();
    });
  }
}
