// Suggestions under a search field: htmx fetches them, this is the keyboard's part of the combobox
// (the pattern of the ARIA Authoring Practices, "list autocomplete with manual selection").

function setUp(box) {
  const input = box.querySelector("input");
  const list = box.querySelector("[role=listbox]");
  let active = -1;

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  close();

  function open() {
    list.hidden = list.children.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
  }

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    mark(-1);
  }

  function mark(index) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = index;
    const option = list.children[active];
    if (!option) return input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  }

  function move(step) {
    if (list.hidden) open();
    const places = list.children.length + 1; // the field itself is one of them
    if (!list.hidden) mark(((active + 1 + step + places) % places) - 1);
  }

  const go = (option) => location.assign(option.dataset.address);

  const keys = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => active >= 0 && go(list.children[active]),
    Escape: () => !list.hidden && close(),
  };

  input.addEventListener("keydown", (event) => {
    if (event.isComposing || !(event.key in keys)) return;
    const wasOpen = !list.hidden;
    const chosen = active >= 0;
    keys[event.key]();
    if (event.key.startsWith("Arrow") || (event.key === "Escape" ? wasOpen : chosen)) event.preventDefault();
  });
  list.addEventListener("htmx:afterSwap", () => {
    active = -1;
    [...list.children].forEach((option, place) => (option.id = `${list.id}-${place}`));
    if (document.activeElement === input) open();
    mark(-1);
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) go(option);
  });
  input.addEventListener("focus", open);
  input.addEventListener("blur", close);
}

document.querySelectorAll("[data-suggest]").forEach(setUp);
