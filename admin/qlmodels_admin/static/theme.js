// Before the first paint: the theme that was chosen here, else the one of the system.
(function () {
  let chosen = null;
  try { chosen = localStorage.getItem("qlmodels.theme"); } catch { /* not allowed here */ }
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.bsTheme = chosen || (dark ? "dark" : "light");
})();
