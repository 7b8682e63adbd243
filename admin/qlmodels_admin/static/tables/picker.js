// A field that names a row offers rows to choose from. Without this script it is a text field.

const WAIT_MS = 150;

function begin(input) {
  const list = Object.assign(document.createElement("ul"), { id: `${input.id}-options`, hidden: true, className: "options" });
  const says = Object.assign(document.createElement("p"), { className: "picked" });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Rows");
  says.setAttribute("role", "status");
  input.after(list, says);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) input.setAttribute(name, value);
  const others = (input.dataset.pickWith || "").split(",").filter(Boolean);
  let asked, timer, active = -1;

  const close = () => {
    clearTimeout(timer);
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (option) => {
    input.value = option.dataset.key;
    says.textContent = option.dataset.label || "";
    close();
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const mark = (place) => {
    const options = [...list.children];
    if (!options.length) return;
    active = (place + options.length) % options.length;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === active)));
    input.setAttribute("aria-activedescendant", options[active].id);
    options[active].scrollIntoView({ block: "nearest" });
  };
  const show = ({ options, hint }) => {
    list.replaceChildren(...options.map(({ key, label }, at) => {
      const option = Object.assign(document.createElement("li"), { id: `${list.id}-${at}` });
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.key = key;
      option.dataset.label = label || "";
      option.append(Object.assign(document.createElement("code"), { textContent: key }));
      if (label) option.append(` ${label}`);
      option.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(option); });
      return option;
    }));
    active = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = !options.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    says.textContent = hint || (options.length ? "" : input.value ? "No row begins so." : "");
  };
  const ask = async () => {
    asked?.abort();
    asked = new AbortController();
    const values = new URLSearchParams({ q: input.value });
    for (const name of others) {
      const field = input.form.elements[name];
      if (field?.value) values.set(name, field.value);
    }
    try {
      const answer = await fetch(`${input.dataset.pick}?${values}`, { signal: asked.signal, headers: { Accept: "application/json" } });
      if (answer.ok && document.activeElement === input) show(await answer.json());
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  };

  input.addEventListener("input", () => { says.textContent = ""; clearTimeout(timer); timer = setTimeout(ask, WAIT_MS); });
  input.addEventListener("blur", () => { asked?.abort(); close(); });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) ask(); else mark(event.key === "ArrowDown" ? active + 1 : active < 0 ? -1 : active - 1);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      choose(list.children[active]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      close();
    }
  });
}

for (const input of document.querySelectorAll("input[data-pick]")) begin(input);
