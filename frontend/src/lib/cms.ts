// Asks the API: by GET and by the id of a trusted document where it can be, so that caches may answer; one time limit per
// attempt, one second attempt, and errors that a page can tell apart.
import { createHash } from 'node:crypto';

import { print } from '@0no-co/graphql.web';

import { config } from './config.ts';
import type { TadaDocumentNode } from './graphql.ts';

/** The CMS gave no answer, or only that it cannot answer now. */
export class CmsUnavailable extends Error {
  override name = 'CmsUnavailable';
}

/** The bearer token was refused; `code` is TOKEN_EXPIRED or TOKEN_INVALID. */
export class TokenRefused extends Error {
  override name = 'TokenRefused';
  readonly code: string;
  constructor(code: string) {
    super(`The CMS refused the token: ${code}`);
    this.code = code;
  }
}

/** The CMS answered that the question was wrong; `codes` are the `extensions.code` of its errors. */
export class QueryRefused extends Error {
  override name = 'QueryRefused';
  readonly codes: string[];
  constructor(message: string, codes: string[]) {
    super(message);
    this.codes = codes;
  }
}

export type Ask = <Result, Variables>(
  document: TadaDocumentNode<Result, Variables>,
  variables: Variables,
) => Promise<Result>;

interface AskOptions {
  token?: string | undefined;
  /** Is given the headers of every answer, refusals among them. */
  note?: (headers: Headers) => void;
  /** Of the reader's request: the CMS writes it in its own log. */
  requestId?: string | undefined;
  endpoint?: string;
  timeoutMs?: number;
  site?: string | undefined;
  fetch?: typeof fetch;
}

const ATTEMPTS = 2;
const NOT_NOW = [429, 502, 503, 504];
const NOT_TRUSTED = 'DOCUMENT_NOT_TRUSTED';
/** Proxies take 8 kB for an address and what stands beside it. */
const LONGEST_ADDRESS = 6_000;

/** Sends no header of the reader's request, above all no cookie: the token given here is the only credential. */
export function asker({
  token,
  note,
  requestId,
  endpoint = config.endpoint,
  timeoutMs = config.timeoutMs,
  site = config.site,
  fetch: send = fetch,
}: AskOptions = {}): Ask {
  const headers = {
    accept: 'application/graphql-response+json, application/json',
    ...(token && { authorization: `Bearer ${token}` }),
    ...(requestId && { 'x-request-id': requestId }),
  };

  async function attempt(address: string, body: string | null): Promise<Response> {
    let response: Response;
    try {
      response = await send(address, {
        ...(body === null ? { headers } : { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body }),
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      // Reading belongs to the attempt: a connection may also break in the middle of the answer.
      response = new Response(await response.arrayBuffer(), response);
    } catch (cause) {
      throw new CmsUnavailable('The CMS did not answer', { cause });
    }
    if (NOT_NOW.includes(response.status)) throw new CmsUnavailable(`The CMS answered ${response.status}`);
    return response;
  }

  async function asked<Result>(address: string, body: string | null): Promise<Result> {
    for (let tried = 1; ; tried += 1) {
      try {
        const response = await attempt(address, body);
        note?.(response.headers);
        return await answer<Result>(response);
      } catch (error) {
        if (!(error instanceof CmsUnavailable) || tried === ATTEMPTS) throw error;
      }
    }
  }

  return async function ask<Result, Variables>(document: TadaDocumentNode<Result, Variables>, variables: Variables) {
    // Every question names the site it is about in the variable `site`.
    const given = site ? { site, ...variables } : variables;
    const address = `${endpoint}?${new URLSearchParams({ documentId: id(document), variables: JSON.stringify(given) })}`;
    // An answer to a token is kept by nobody.
    if (!token && address.length <= LONGEST_ADDRESS) {
      try {
        return await asked<Result>(address, null);
      } catch (error) {
        if (!isNotTrusted(error)) throw error;
      }
    }
    try {
      return await asked<Result>(endpoint, JSON.stringify({ query: text(document), variables: given }));
    } catch (error) {
      if (!isNotTrusted(error)) throw error;
      throw new QueryRefused(
        'The CMS answers trusted documents only, and does not know those of this build. Give it their manifest: ' +
          '`npm run --silent manifest > manifest.json` here, then `manage.py trust_documents manifest.json` there.',
        error.codes,
      );
    }
  };
}

function isNotTrusted(error: unknown): error is QueryRefused {
  return error instanceof QueryRefused && error.codes.includes(NOT_TRUSTED);
}

interface GraphQLAnswer<Result> {
  data?: Result | null;
  errors?: { message: string; extensions?: { code?: string } }[];
}

async function answer<Result>(response: Response): Promise<Result> {
  let content: GraphQLAnswer<Result>;
  try {
    content = (await response.json()) as GraphQLAnswer<Result>;
  } catch (cause) {
    throw new CmsUnavailable(`The CMS answered ${response.status} and no JSON`, { cause });
  }
  const codes = (content.errors ?? []).map((error) => error.extensions?.code ?? 'UNKNOWN');
  if (response.status === 401) throw new TokenRefused(codes[0] ?? 'TOKEN_INVALID');
  if (codes.length > 0 || !content.data) {
    throw new QueryRefused(content.errors?.map((error) => error.message).join('; ') || 'The CMS sent no data', codes);
  }
  return content.data;
}

interface Sent {
  text: string;
  id: string;
}

const known = new WeakMap<object, Sent>();

/** A document as it is sent; the manifest of trusted documents holds the same text. */
export function text(document: object): string {
  return sent(document).text;
}

/** The id under which the CMS trusts it, once it was given the manifest. */
export function id(document: object): string {
  return sent(document).id;
}

function sent(document: object): Sent {
  let found = known.get(document);
  if (!found) {
    const printed = print(document as Parameters<typeof print>[0]);
    found = { text: printed, id: `sha256:${createHash('sha256').update(printed).digest('hex')}` };
    known.set(document, found);
  }
  return found;
}
