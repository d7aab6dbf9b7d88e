// The one script of the preview, step by step as in docs/preview-protocol.md.

const admins = document.querySelector('meta[name="admins"]').content.split(' ');
const isFramed = parent !== window;
let userbar = null;
let timer;

// 1. The token goes from the address, which no server was sent, into the state of this entry of the history.
function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token) history.replaceState({ token, path: '' }, '', location.pathname);
  return token;
}

// 2. and 5. Ask our own server, and show what it answers.
async function show() {
  const state = history.state;
  const answer = new DOMParser().parseFromString(await answered(state), 'text/html');
  if (state !== history.state) return answer; // somebody has gone on meanwhile
  document.querySelector('#page').replaceWith(answer.querySelector('#page'));
  document.title = answer.title;
  document.documentElement.lang = answer.documentElement.lang;
  if (document.querySelector('[data-code^="TOKEN_"]')) tell({ toolshelf: { type: 'preview-ended' } });
  return answer;
}

async function answered(state) {
  const body = new URLSearchParams({ token: state?.token ?? '', path: state?.path ?? '' });
  try {
    const response = await fetch('/preview', { method: 'POST', body, cache: 'no-store', credentials: 'omit', redirect: 'error' });
    return await response.text();
  } catch {
    return '<title>Preview</title><div id="page"><main><h1>This site does not answer</h1><p>Nothing that was written is lost.</p></main></div>';
  }
}

addEventListener('click', (event) => {
  const link = event.target.closest('a[href]');
  const isPlain = !event.button && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !isPlain || link.target || link.hasAttribute('download') || !/^https?:/.test(link.protocol)) return;
  if (link.origin !== location.origin) {
    if (!isFramed) return;
    event.preventDefault();
    open(link.href, '_blank', 'noopener');
    return;
  }
  event.preventDefault();
  if (link.getAttribute('href').startsWith('#')) {
    document.getElementById(decodeURIComponent(link.hash.slice(1)))?.scrollIntoView();
  } else {
    history.pushState({ token: history.state?.token ?? '', path: link.pathname + link.search }, '', location.pathname);
    void show().then(() => scrollTo(0, 0));
  }
});
addEventListener('popstate', () => void show());
addEventListener('hashchange', () => {
  if (takeToken()) location.reload();
});

// 6. What page and editor say to each other.
function tell(message) {
  if (isFramed) for (const admin of admins) parent.postMessage(message, admin);
}

addEventListener('message', ({ source, origin, data }) => {
  if (source !== parent || !admins.includes(origin)) return;
  const { type, x, y } = data?.wagtail ?? {};
  if (type === 'w-preview:get-scroll-position') {
    tell({ wagtail: { type: 'w-preview:set-scroll-position', x: scrollX, y: scrollY, origin: location.origin } });
  } else if (type === 'w-preview:set-scroll-position') {
    scrollTo(x, y);
    addUserbar(50);
  } else if (data?.toolshelf?.type === 'preview-renewed') {
    const until = document.querySelector('#preview-bar time');
    if (until) until.textContent = data.toolshelf.expiresAt;
  }
});

function addUserbar(milliseconds) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (!userbar) return;
    const scripts = [...userbar.querySelectorAll('script')];
    document.body.append(userbar);
    for (const { src } of scripts) document.body.append(Object.assign(document.createElement('script'), { src, async: false }));
    userbar = null;
  }, milliseconds);
}

async function begin() {
  tell({ toolshelf: { type: 'preview-here' } });
  takeToken();
  userbar = (await show()).querySelector('#userbar');
  if (document.readyState !== 'complete') await new Promise((done) => addEventListener('load', done, { once: true }));
  tell({ wagtail: { type: 'w-preview:request-scroll', origin: location.origin } });
  addUserbar(300);
}

void begin();
