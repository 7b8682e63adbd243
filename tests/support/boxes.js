() => {
  const SLACK = 1.5;  // pixels, for borders and rounding
  const found = [];
  const name = (element) => {
    const words = (element.getAttribute("aria-label") || element.textContent || "").trim().replace(/\s+/g, " ");
    return `${element.tagName.toLowerCase()}${element.className ? "." + String(element.className.baseVal ?? element.className).replace(/\s+/g, ".") : ""} "${words.slice(0, 40)}"`;
  };
  const isShown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const isHiddenOnPurpose = (element) => element.closest(".sr, .skip, legend, datalist, svg, [aria-hidden=true], .cm-editor") !== null;
  const clipper = (element) => {
    // the nearest ancestor that scrolls or cuts what is in it
    for (let parent = element.parentElement; parent; parent = parent.parentElement) {
      const style = getComputedStyle(parent);
      if (/auto|scroll|hidden|clip/.test(style.overflowX + style.overflowY)) return parent;
      if (style.position === "fixed") return null;
    }
    return null;
  };

  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth + SLACK) found.push(`the page is ${root.scrollWidth} px wide in a window of ${root.clientWidth}`);

  for (const element of document.querySelectorAll("main :is(a, button, input, select, textarea, summary, h1, h2, p, label, footer, .btn, .chips, .foot, .legend, .matrix-legend)")) {
    if (!isShown(element) || isHiddenOnPurpose(element)) continue;
    const box = element.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    const cut = clipper(element);
    const scrolls = cut !== null && cut !== root && cut !== document.body;
    if (!scrolls && (box.left < -SLACK || box.right > root.clientWidth + SLACK)) found.push(`${name(element)} leaves the window`);
    const block = element.closest(".block, .rows, details.menu > div");
    if (block && block !== element && !scrolls && !element.closest("details.menu")) {
      const outer = block.getBoundingClientRect();
      if (box.right > outer.right + SLACK || box.left < outer.left - SLACK || box.bottom > outer.bottom + SLACK) found.push(`${name(element)} leaves its block`);
    }
  }

  // what can be pressed is not under something else
  for (const element of document.querySelectorAll("main :is(a, button, input:not([type=hidden]), select, textarea, summary), main .foot *")) {
    if (!isShown(element) || isHiddenOnPurpose(element) || element.children.length > 3) continue;
    element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const box = element.getClientRects()[0];
    if (!box || box.width < 3 || box.height < 3) continue;
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    if (x < 0 || y < 0 || x >= root.clientWidth || y >= root.clientHeight) { found.push(`${name(element)} cannot be scrolled to`); continue; }
    const above = document.elementFromPoint(x, y);
    if (above && above !== element && !element.contains(above) && !above.contains(element)) found.push(`${name(element)} is under ${name(above)}`);
  }
  scrollTo(0, 0);
  return [...new Set(found)].slice(0, 12);
}
