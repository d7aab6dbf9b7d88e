// The one reader of the environment, at run time: one build serves every installation.

type Environment = Record<string, string | undefined>;

export interface Config {
  /** Where this server reaches the API. */
  endpoint: string;
  /** Origins a browser may know this site by; the first is the configured one. */
  ownOrigins: string[];
  /** Origins of the admin: they may frame previews and speak with them. The first also serves media with a relative address. */
  adminOrigins: string[];
  /** Further origins that images come from. */
  mediaOrigins: string[];
  timeoutMs: number;
  /** Host name of the site in the CMS that is shown here; none for the default one. */
  site: string | undefined;
  /** The header in which the API names what an answer depends on, and this site what a page does; none without purging. */
  tagHeader: string | undefined;
}

const LOOPBACK = ['127.0.0.1', 'localhost'];

export function readConfig(environment: Environment): Config {
  const cms = address(environment, 'CMS_URL', 'http://127.0.0.1:8000');
  const own = address(environment, 'FRONTEND_URL', 'http://127.0.0.1:4321');
  const admins = origins(environment, 'CMS_ORIGINS');
  const timeoutMs = Number(environment.CMS_TIMEOUT_MS || 4000);
  if (!(timeoutMs > 0)) throw new Error(`CMS_TIMEOUT_MS is "${environment.CMS_TIMEOUT_MS}", not a number of milliseconds`);
  return {
    endpoint: new URL('graphql', cms.href.endsWith('/') ? cms : `${cms.href}/`).href,
    ownOrigins: spellings(own),
    adminOrigins: admins.length > 0 ? admins : spellings(cms),
    mediaOrigins: origins(environment, 'MEDIA_ORIGINS'),
    timeoutMs,
    site: environment.SITE?.trim() || undefined,
    tagHeader: tagHeader(environment),
  };
}

function tagHeader(environment: Environment): string | undefined {
  const name = environment.CACHE_TAG_HEADER?.trim() || undefined;
  if (name && !/^[\w-]+$/.test(name)) throw new Error(`CACHE_TAG_HEADER is "${name}", not the name of a header`);
  return name;
}

/** A loopback address has two spellings, which browsers hold to be two origins. */
function spellings(url: URL): string[] {
  if (!LOOPBACK.includes(url.hostname)) return [url.origin];
  const port = url.port ? `:${url.port}` : '';
  return [url.origin, ...LOOPBACK.map((host) => `${url.protocol}//${host}${port}`).filter((one) => one !== url.origin)];
}

function origins(environment: Environment, name: string): string[] {
  const words = environment[name]?.split(/\s+/).filter(Boolean) ?? [];
  return words.map((word) => parsed(name, word).origin);
}

function address(environment: Environment, name: string, fallback: string): URL {
  return parsed(name, environment[name]?.trim() || fallback);
}

function parsed(name: string, value: string): URL {
  const url = URL.parse(value);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new Error(`${name} holds "${value}", not an address such as https://example.org`);
  }
  return url;
}

export const config = readConfig(process.env);
