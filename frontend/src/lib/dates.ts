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

const AGO = new Intl.RelativeTimeFormat('en-GB');
const DAYS_OF_A_MONTH = 30.44;

/** How long ago a day was: in days up to two months, in months up to two years, then in years. */
export function ago(iso: string, today: Date = new Date()): string {
  const days = Math.max(0, Math.round((Date.parse(isoDay(today.toISOString())) - Date.parse(isoDay(iso))) / 86_400_000));
  const months = Math.floor(days / DAYS_OF_A_MONTH);
  if (months < 2) return AGO.format(-days, 'day');
  return months < 24 ? AGO.format(-months, 'month') : AGO.format(-Math.floor(months / 12), 'year');
}
