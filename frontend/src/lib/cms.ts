// Asks the API: one time limit per attempt, one second attempt, and errors that a page can tell apart.
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
  endpoint?: string;
  timeoutMs?: number;
  site?: string | undefined;
  fetch?: typeof fetch;
}

const ATTEMPTS = 2;
const NOT_NOW = [429, 502, 503, 504];

/** Sends no header of the reader's request, above all no cookie: the token given here is the only credential. */
export function asker({
  token,
  endpoint = config.endpoint,
  timeoutMs = config.timeoutMs,
  site = config.site,
  fetch: send = fetch,
}: AskOptions = {}): Ask {
  const headers = {
    accept: 'application/graphql-response+json, application/json',
    'content-type': 'application/json',
    ...(token && { authorization: `Bearer ${token}` }),
  };

  async function attempt(body: string): Promise<Response> {
    let response: Response;
    try {
      response = await send(endpoint, {
        method: 'POST',
        headers,
        body,
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

  return async function ask(document, variables) {
    // Every question names the site it is about in the variable `site`.
    const body = JSON.stringify({ query: text(document), variables: site ? { site, ...variables } : variables });
    for (let tried = 1; ; tried += 1) {
      try {
        return await answer(await attempt(body));
      } catch (error) {
        if (!(error instanceof CmsUnavailable) || tried === ATTEMPTS) throw error;
      }
    }
  };
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

const texts = new WeakMap<object, string>();

/** A document as it is sent; the manifest of trusted documents holds the same text. */
export function text(document: TadaDocumentNode<never, never> | object): string {
  let printed = texts.get(document);
  if (printed === undefined) texts.set(document, (printed = print(document as Parameters<typeof print>[0])));
  return printed;
}
