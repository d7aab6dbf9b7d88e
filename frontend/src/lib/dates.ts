// Dates in words. Days are days of the calendar, read as UTC, whatever the clock of this server says.

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
const SHORT_DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
const MOMENT = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});

export function day(iso: string): string {
  return DAY.format(new Date(iso));
}

export function shortDay(iso: string): string {
  return SHORT_DAY.format(new Date(iso));
}

export function moment(iso: string): string {
  return `${MOMENT.format(new Date(iso))} UTC`;
}

/** The day of a moment, for `<time datetime>`. */
export function isoDay(iso: string): string {
  return new Date(iso).toISOString().slice(0, 10);
}
