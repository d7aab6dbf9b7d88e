// Where a language shows in an address: the site's own has no mark, any other one stands in front, "/de/topics/data/".

const LANGUAGE = /^\/([a-z]{2,3}(?:-[a-z0-9]+)*)\//;

/** The language that a path may be in; undefined for the site's own. What looks like one need not be one. */
export function languageIn(path: string): string | undefined {
  return LANGUAGE.exec(path)?.[1];
}

/** What stands in front of paths in the language of this page: "/de", or nothing. */
export function prefixOf(page: { path: string; locale: string }): string {
  return page.path.startsWith(`/${page.locale}/`) ? `/${page.locale}` : '';
}

/** The same for what has no path, on a site whose own language is the first of its locales. */
export function prefixOn(site: { locales: readonly string[] }, locale: string | undefined): string {
  return locale && site.locales.includes(locale) && locale !== site.locales[0] ? `/${locale}` : '';
}

/** What speakers of a language call it: "Deutsch" for "de". */
export function nameOfLanguage(locale: string): string {
  const name = new Intl.DisplayNames([locale], { type: 'language' }).of(locale) ?? locale;
  return name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
}
