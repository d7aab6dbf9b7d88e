// Runs in the preview shell only. It keeps the token in this tab's history, fetches what is previewed, and speaks
// the editor's messages: the editor shows a new frame once that frame has taken over the old one's scroll position.

import * as userbar from './userbar.ts';

interface Previewing {
  token: string;
  /** A path that a link led to; empty for the previewed object itself. */
  path: string;
  scroll: number;
}

/** What frames say to each other: the editor's own messages, and those that this project adds (docs/preview-protocol.md). */
interface Message {
  wagtail?: { type: string; x?: number; y?: number };
  toolshelf?: { type: string; expiresAt?: string };
}

const REPLACED = ['.masthead', '#preview-bar', '.announcement', 'main', '.colophon'];
const isFramed = window.parent !== window;

let latest = 0;

function previewing(): Previewing | null {
  const state: unknown = history.state;
  return typeof state === 'object' && state !== null && 'token' in state ? (state as Previewing) : null;
}

/** The fragment never leaves the browser; from here on the token is not in the address either. */
function takeTokenFromAddress(): boolean {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token) history.replaceState({ token, path: '', scroll: 0 } satisfies Previewing, '', location.pathname);
  return Boolean(token);
}

async function show({ token, path, scroll }: Previewing, anchor = ''): Promise<void> {
  latest += 1;
  const mine = latest;
  document.documentElement.setAttribute('aria-busy', 'true');
  const answer = await fetched(token, path);
  if (mine !== latest) return;
  for (const selector of REPLACED) replace(selector, answer);
  userbar.take(answer);
  document.title = answer.title;
  document.documentElement.lang = answer.documentElement.lang;
  document.documentElement.removeAttribute('aria-busy');
  tellTimes();
  if (!goTo(anchor)) window.scrollTo({ top: scroll, behavior: 'instant' });
  // The editor may open it anew; in a tab of its own the page has said what happened.
  if (document.querySelector('main [data-code^="TOKEN_"]')) tell({ toolshelf: { type: 'preview-ended' } });
}

/** In the clock and the language of whoever reads them: the server knows neither. */
function tellTimes(): void {
  const bar = document.querySelector<HTMLElement>('#preview-bar');
  for (const time of bar?.querySelectorAll('time') ?? []) {
    const moment = new Date(time.dateTime);
    const isToday = moment.toDateString() === new Date().toDateString();
    const day = isToday ? {} : ({ day: 'numeric', month: 'long' } as const);
    const language = bar?.lang === 'en' ? 'en-GB' : bar?.lang;
    time.textContent = moment.toLocaleString(language, { ...day, hour: '2-digit', minute: '2-digit' });
  }
}

/** Goes to an anchor of this page, if there is one of this name. */
function goTo(anchor: string): boolean {
  const target = anchor ? document.getElementById(decodeURIComponent(anchor)) : null;
  target?.scrollIntoView({ behavior: 'instant' });
  target?.focus({ preventScroll: true });
  return target !== null;
}

async function fetched(token: string, path: string): Promise<Document> {
  try {
    const response = await fetch('/preview', {
      method: 'POST',
      body: new URLSearchParams({ token, path }),
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
    });
    const answer = new DOMParser().parseFromString(await response.text(), 'text/html');
    if (answer.querySelector('main')) return answer;
  } catch {
    // Told below, like an answer that is no page.
  }
  return said('The preview cannot be fetched now', 'The site does not answer. Nothing you wrote is lost; load this page again in a moment.');
}

function said(title: string, text: string): Document {
  const answer = document.implementation.createHTMLDocument(title);
  answer.documentElement.lang = document.documentElement.lang;
  const main = answer.createElement('main');
  main.id = 'content';
  main.className = 'frame';
  const message = main.appendChild(answer.createElement('section'));
  message.className = 'message';
  message.appendChild(answer.createElement('h1')).textContent = title;
  message.appendChild(answer.createElement('p')).textContent = text;
  answer.body.append(main);
  return answer;
}

function replace(selector: string, answer: Document): void {
  const old = document.querySelector(selector);
  const fresh = answer.querySelector(selector);
  if (old && fresh) old.replaceWith(document.adoptNode(fresh));
  else if (fresh && selector === '#preview-bar') document.querySelector('.masthead')?.before(document.adoptNode(fresh));
  else if (fresh) document.querySelector('main')?.before(document.adoptNode(fresh));
  else if (selector === '#preview-bar' || selector === '.announcement') old?.remove();
}

/** Also while the page is scrolled: what is noted as it goes away may come too late. */
function rememberScroll(): void {
  const state = previewing();
  if (state) history.replaceState({ ...state, scroll: window.scrollY }, '');
}

function followLink(event: MouseEvent): void {
  const link = (event.target as Element | null)?.closest('a');
  const state = previewing();
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!link?.hasAttribute('href') || !state || !isPlain || link.target || link.hasAttribute('download')) return;
  const url = new URL(link.href);
  if (url.origin !== location.origin) {
    if (!isFramed || !/^https?:$/.test(url.protocol)) return;
    // Most other sites refuse to be framed: the editor would be left with an empty panel.
    event.preventDefault();
    window.open(url, '_blank', 'noopener');
    return;
  }
  event.preventDefault();
  // Not by the address: an entry of the history made by a fragment would have no token.
  if (link.getAttribute('href')?.startsWith('#')) goTo(url.hash.slice(1));
  else go(state, url);
}

function submit(event: SubmitEvent): void {
  const form = event.target as HTMLFormElement;
  const state = previewing();
  const url = new URL(form.action);
  if (!state || form.method !== 'get' || url.origin !== location.origin) return;
  event.preventDefault();
  url.search = new URLSearchParams([...new FormData(form, event.submitter)].map(([name, value]) => [name, String(value)])).toString();
  go(state, url);
}

function go(from: Previewing, { pathname, search, hash }: URL): void {
  rememberScroll();
  const next: Previewing = { token: from.token, path: pathname + search, scroll: 0 };
  history.pushState(next, '', location.pathname);
  void show(next, hash.slice(1)).then(() => {
    if (!hash) document.querySelector('main')?.focus({ preventScroll: true });
  });
}

function admins(): string[] {
  const content = document.querySelector<HTMLMetaElement>('meta[name="preview-admins"]')?.content ?? '';
  return content.split(' ').filter(Boolean);
}

function tell({ wagtail, toolshelf }: Message): void {
  if (!isFramed) return;
  const listed = admins();
  // Where the browser tells which origin frames us, the others need not be tried.
  const framing = location.ancestorOrigins ? Array.from(location.ancestorOrigins).filter((one) => listed.includes(one)) : listed;
  const message = wagtail ? { wagtail: { ...wagtail, origin: location.origin } } : { toolshelf };
  for (const origin of framing) window.parent.postMessage(message, origin);
}

function listen(event: MessageEvent<Message | null>): void {
  if (event.source !== window.parent || !admins().includes(event.origin)) return;
  const { wagtail, toolshelf } = event.data ?? {};
  if (wagtail?.type === 'w-preview:get-scroll-position') {
    tell({ wagtail: { type: 'w-preview:set-scroll-position', x: window.scrollX, y: window.scrollY } });
  } else if (wagtail?.type === 'w-preview:set-scroll-position') {
    window.scrollTo({ left: wagtail.x ?? 0, top: wagtail.y ?? 0, behavior: 'instant' });
    // The editor swaps the frames right after this message.
    userbar.addIn(50, countAnew);
  } else if (toolshelf?.type === 'preview-renewed' && toolshelf.expiresAt) {
    document.querySelector('#preview-bar [data-ends]')?.setAttribute('datetime', toolshelf.expiresAt);
    tellTimes();
  }
}

function countAnew(): void {
  tell({ wagtail: { type: 'w-userbar:axe-ready' } });
}

function loaded(): Promise<void> {
  if (document.readyState === 'complete') return Promise.resolve();
  return new Promise((resolve) => window.addEventListener('load', () => resolve(), { once: true }));
}

async function begin(): Promise<void> {
  const state = previewing();
  if (state) {
    await show(state);
  } else {
    const hint = 'This address shows drafts. Open the preview from the editor, or use the whole link that you were sent.';
    replace('main', said('Nothing to preview', hint));
  }
  await loaded();
  tell({ wagtail: { type: 'w-preview:request-scroll' } });
  // The first frame of a panel gets no answer: it is shown already.
  userbar.addIn(300, countAnew);
}

history.scrollRestoration = 'manual';
window.addEventListener('message', listen);
window.addEventListener('pagehide', rememberScroll);
window.addEventListener('scrollend', rememberScroll);
window.addEventListener('popstate', () => {
  const state = previewing();
  if (state) void show(state);
});
window.addEventListener('hashchange', () => {
  // A new link pasted into the same tab.
  if (takeTokenFromAddress()) void begin();
});
document.addEventListener('click', followLink);
document.addEventListener('submit', submit);
tell({ toolshelf: { type: 'preview-here' } });
takeTokenFromAddress();
void begin();
