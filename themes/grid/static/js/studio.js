// Times of the studio by the creator's own clock; without this they name the site's time zone.

const written = new Intl.DateTimeFormat(document.documentElement.lang, {
  dateStyle: "long",
  timeStyle: "short",
});

function show(within) {
  for (const time of within.querySelectorAll("time[data-own-clock]")) {
    time.textContent = written.format(new Date(time.dateTime));
  }
}

show(document);
document.addEventListener("htmx:load", ({ detail }) => show(detail.elt));
