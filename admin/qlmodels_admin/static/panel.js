"use strict";
// Small conveniences. Every page works without them, but for the choice of theme.

const root = document.documentElement;
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

if (window.jQuery) {
  // its actions are links, and ours change nothing by being followed
  jQuery("[id^='action-custom-']").off("click").on("click", function () {
    const keys = all(".select-box:checked").map((box) => box.parentElement.querySelector("input[type=hidden]").value);
    const form = Object.assign(document.createElement("form"), { method: "post", action: `${this.dataset.url}?pks=${encodeURIComponent(keys.join(","))}` });
    document.body.append(form);
    form.submit();
  });
}

for (const form of all("form[data-submit-at-once]")) form.submit();

for (const button of all("[data-theme-switch]")) {
  const label = () => { button.textContent = root.dataset.bsTheme === "dark" ? "Light" : "Dark"; };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", label);
  label();
  button.addEventListener("click", () => {
    root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    try { localStorage.setItem("qlmodels.theme", root.dataset.bsTheme); } catch { /* not kept */ }
    label();
  });
}

for (const button of all("[data-nav]")) {
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    button.closest(".side").classList.toggle("open", open);
  });
}

for (const field of all("[data-submit-on-change]")) {
  field.addEventListener("change", () => field.form.requestSubmit());
}
for (const field of all("select[data-go]")) {
  field.addEventListener("change", () => { location.href = field.value; });
}
for (const form of all("form.bar")) {
  // what is empty says nothing in the URL
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 900);
  }
  for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const menu of all("details.menu[open]")) menu.open = false;
  const typing = event.target.closest("input, textarea, select");
  if (event.key === "/" && !typing) {
    const search = document.querySelector("[data-search]");
    if (search) { event.preventDefault(); search.focus(); }
  }
});

for (const form of all("form.rows")) {
  const boxes = all(".select-box", form);
  const update = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    for (const button of all("[data-needs-selection]", form)) {
      button.disabled = chosen === 0;
      button.textContent = chosen ? `Delete ${chosen} selected…` : "Delete selected…";
    }
    for (const box of all("[data-select-all]", form)) {
      box.checked = chosen > 0 && chosen === boxes.length;
      box.indeterminate = chosen > 0 && chosen < boxes.length;
    }
  };
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-select-all]")) for (const box of boxes) box.checked = event.target.checked;
    update();
  });
  update();
}

for (const box of all("[data-null-for]")) {
  const field = document.getElementById(box.dataset.nullFor);
  field.addEventListener("input", () => { box.checked = false; });
  box.addEventListener("change", () => { if (box.checked) field.value = ""; });
}

for (const form of all("form[data-form]")) {
  // leaving with unsaved changes asks first
  let changed = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
}

for (const line of all("[data-run]")) {
  if (!line.dataset.run) continue;
  const bar = document.querySelector(".run progress");
  const look = async () => {
    const answer = await fetch(line.dataset.run, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const run = await answer.json();
    bar.value = run.done;
    line.querySelector("[data-run-done]").textContent = run.done.toLocaleString("en");
    if (run.status === "running") setTimeout(look, 500); else location.reload();
  };
  setTimeout(look, 300);
}
