// media-chrome speaks English. Its words are replaced by the page's as they appear.

const ATTRIBUTES = ["aria-label", "aria-valuetext", "aria-description"];

function translator(words) {
  const known = Object.keys(words).sort((one, other) => other.length - one.length);
  const pattern = new RegExp(`\\b(${known.join("|")})(?!\\p{L})`, "gu");
  return (text) => words[text] ?? text.replace(pattern, (word) => words[word]);
}

export function translateControls(controller) {
  const list = document.querySelector("#player-words");
  if (!list) return;
  const translate = translator(JSON.parse(list.textContent));

  function renew(element) {
    for (const name of ATTRIBUTES) {
      const said = element.getAttribute?.(name);
      const meant = said && translate(said);
      if (said && meant !== said) element.setAttribute(name, meant);
    }
  }

  const observer = new MutationObserver((changes) => {
    for (const { target } of changes) renew(target);
  });

  function adopt(root) {
    observer.observe(root, { attributeFilter: ATTRIBUTES, subtree: true });
    for (const element of root.querySelectorAll("*")) {
      renew(element);
      if (element.shadowRoot) adopt(element.shadowRoot);
      for (const node of element.childNodes) {
        if (node.nodeType === Node.TEXT_NODE && element.closest("slot")) {
          node.data = translate(node.data);
        }
      }
    }
  }

  renew(controller);
  observer.observe(controller, { attributeFilter: ATTRIBUTES });
  adopt(controller);
}
