// media-chrome speaks English. Its words are replaced by the page's as they appear.

const RATE = /^Playback rate [\d.]+$/; // its button shows "1x": a name has to hold what is shown
const ATTRIBUTES = ["aria-label", "aria-valuetext", "aria-description"];

function translator(words) {
  const longestFirst = Object.keys(words).sort((one, other) => other.length - one.length);
  const known = new RegExp(`\\b(${longestFirst.join("|")})(?!\\p{L})`, "gu");
  return (text) => {
    const said = text.replace(RATE, "$&x");
    return words[said] ?? (longestFirst.length ? said.replace(known, (word) => words[word]) : said);
  };
}

export function translateControls(controller) {
  const list = document.querySelector("#player-words");
  const translate = translator(JSON.parse(list?.textContent ?? "{}"));

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
