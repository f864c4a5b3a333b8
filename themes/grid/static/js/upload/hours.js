// Times are chosen by the creator's own clock: the form tells the server whose that is.

export function useOwnClock(form) {
  const zone = form.querySelector("[name='time_zone']");
  if (!zone) return;
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const field = form.querySelector("[name='go_live_at']");
  if (!zone.value && field?.value) {
    const time = new Date(`${field.value}Z`); // without a zone the page is in UTC
    const local = new Date(time - time.getTimezoneOffset() * 60_000);
    field.value = local.toISOString().slice(0, 16);
  }
  zone.value = own;
  for (const name of form.querySelectorAll("[data-zone]")) name.textContent = own.replaceAll("_", " ");
}
