"use strict";
// The fleet as it changes: rows come rendered, those that need attention first.
{
  const line = document.querySelector("[data-live]");
  const body = document.querySelector("[data-rows]");
  const table = body.closest("table");
  const empty = document.querySelector("[data-empty]");
  const rows = new Map([...body.rows].map((row) => [row.dataset.key, row]));

  const say = (text, isLive) => {
    if (line.textContent !== text) line.textContent = text;
    line.classList.toggle("is-live", isLive);
  };

  const parse = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content.querySelector("tr");
  };

  const show = ({ headline, mode, order, rows: changed }) => {
    if (headline !== undefined) document.querySelector("[data-headline]").textContent = headline;
    if (mode !== undefined) say(mode, mode === "live");
    const focused = document.activeElement;
    const place = body.contains(focused) ? [focused.closest("tr").dataset.key, [...focused.closest("tr").querySelectorAll("a")].indexOf(focused)] : null;
    for (const [key, html] of Object.entries(changed)) {
      const row = parse(html);
      rows.get(key)?.replaceWith(row);
      rows.set(key, row);
    }
    if (order !== undefined) {
      const known = new Set(order);
      for (const [key, row] of rows) if (!known.has(key)) { row.remove(); rows.delete(key); }
      order.forEach((key, index) => {
        const row = rows.get(key);
        if (row && body.rows[index] !== row) body.insertBefore(row, body.rows[index] ?? null);
      });
      table.hidden = order.length === 0;
      empty.hidden = order.length > 0;
    }
    // who reads a row by keyboard stays on it
    if (place && !document.contains(focused)) rows.get(place[0])?.querySelectorAll("a")[place[1]]?.focus();
    tick();
  };

  const distance = (seconds) => {
    for (const [unit, size] of [["d", 86400], ["h", 3600], ["min", 60]]) {
      if (seconds >= size) return `${Math.floor(seconds / size)} ${unit} ago`;
    }
    return `${Math.max(0, Math.floor(seconds))} s ago`;
  };
  const tick = () => {
    for (const time of body.querySelectorAll("time")) {
      const text = distance((Date.now() - Date.parse(time.dateTime)) / 1000);
      if (time.textContent !== text) time.textContent = text;
    }
  };
  tick();
  setInterval(tick, 1000);

  const listen = () => {
    const source = new EventSource(line.dataset.live);
    source.onmessage = (event) => show(JSON.parse(event.data));
    source.onopen = () => { if (!line.classList.contains("is-live")) say("live", true); };
    source.onerror = () => {
      say("connection lost; trying again", false);
      // a browser tries again by itself, unless the answer was an error
      if (source.readyState === EventSource.CLOSED) { source.close(); setTimeout(listen, 2000); }
    };
    addEventListener("pagehide", () => source.close(), { once: true });
  };
  listen();
}
