// One line for each request of a reader, with the id that the CMS writes in its own lines (docs/operate.md).
import { randomUUID } from 'node:crypto';

export const REQUEST_ID = 'X-Request-ID';

const SAFE = /^[A-Za-z0-9._-]{8,64}$/;
const LONGEST_PATH = 500;
const MAIL = /[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,200}/g;

/** The id that the proxy in front of this server gave, if it is one; otherwise a new one. */
export function requestId(given: string | null): string {
  return given !== null && SAFE.test(given) ? given : randomUUID();
}

export interface Request {
  requestId: string;
  method: string;
  path: string;
  status: number;
  ms: number;
  /** How many answers the CMS gave. */
  asked: number;
}

/** JSON without a line break or control character, whatever is in the request. */
export function line({ requestId, path, ms, ...others }: Request, now = new Date()): string {
  const shown = {
    time: now.toISOString(),
    level: others.status >= 500 ? 'error' : 'info',
    logger: 'frontend',
    request_id: requestId,
    path: path.slice(0, LONGEST_PATH).replaceAll(MAIL, '…'),
    ms: Math.round(ms * 10) / 10,
    ...others,
  };
  return JSON.stringify(shown).replaceAll(/[^\x20-\x7e]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
