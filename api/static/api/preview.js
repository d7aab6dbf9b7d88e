// Beside the preview panel: what is typed is noticed soon, the preview goes on while the editor is open, comes back when it
// has ended meanwhile, and the panel says so when the front end does not answer. The panel alone would stay blank.
(() => {
  const CHANGES_LOOKED_FOR_EVERY = 200;
  const RENEWED_EVERY = 60_000;
  const TRIED_AGAIN_AFTER = 15_000;
  const PATIENCE = 10_000;
  const PATIENCE_AFTER_LOADING = 2_000;

  const { address: renewing, frontEnds } = document.currentScript.dataset;
  const origins = frontEnds.split(' ').filter(Boolean);
  const panel = document.querySelector('[data-controller~="w-preview"]');
  if (!panel) return;

  // Wagtail looks twice a second, and waits as long again for somebody who is still typing. It begins anew when it finds the
  // form once more, but only with a value of its own.
  const form = document.querySelector('form[data-controller~="w-unsaved"]');
  form?.addEventListener('w-unsaved:watch-edits', () => (form.dataset.wUnsavedCheckIntervalValue = CHANGES_LOOKED_FOR_EVERY));
  form?.addEventListener('w-unsaved:ready', () => delete form.dataset.wUnsavedCheckIntervalValue);

  const controller = () => window.wagtail.app.getControllerForElementAndIdentifier(panel, 'w-preview');
  const frames = () => [...panel.querySelectorAll('iframe')];
  const shown = () => panel.querySelector('#w-preview-iframe');

  // Renewing -------------------------------------------------------------------------------------------------------

  async function renew() {
    const frame = shown();
    if (!frame?.src) return;
    const { CSRF_HEADER_NAME, CSRF_TOKEN } = window.wagtailConfig;
    const response = await fetch(renewing, {
      method: 'POST',
      headers: { [CSRF_HEADER_NAME]: CSRF_TOKEN, Accept: 'application/json' },
      body: new URLSearchParams({ address: panel.dataset.wPreviewUrlValue }),
    }).catch(() => null);
    // Without an answer, or signed out: the editor tells that by itself.
    if (!response?.ok || response.redirected) return;
    const { expiresAt } = await response.json();
    if (!expiresAt) openAnew();
    else if (spokenBy) frame.contentWindow?.postMessage({ toolshelf: { type: 'preview-renewed', expiresAt } }, spokenBy);
  }

  /** The front end's address. */
  let spokenBy = null;
  let openedAnew = -Infinity;

  /** Once in a while: what cannot be opened must not be asked for again and again. */
  async function openAnew() {
    if (performance.now() - openedAnew < TRIED_AGAIN_AFTER) return;
    openedAnew = performance.now();
    // While the form has errors the editor does not refresh: what was shown last is shown again.
    if (!(await controller().setPreviewData().catch(() => false))) controller().reloadIframe();
  }

  window.setInterval(renew, RENEWED_EVERY);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) renew();
  });

  // A front end that does not answer -------------------------------------------------------------------------------

  const waiting = new Map();
  let notice = null;

  function watch(frame) {
    if (!frame.src.startsWith('http') || waiting.has(frame)) return;
    waitFor(frame, PATIENCE);
    frame.addEventListener('load', () => waiting.has(frame) && waitFor(frame, PATIENCE_AFTER_LOADING));
  }

  function waitFor(frame, milliseconds) {
    window.clearTimeout(waiting.get(frame));
    waiting.set(frame, window.setTimeout(() => missed(frame), milliseconds));
  }

  function missed(frame) {
    stopWaiting(frame);
    if (!frame.isConnected || isOurs(frame)) return;
    say();
    // In place of the browser's own error; and the editor does not wait for word from it when the next frame is there.
    frame.src = 'about:blank';
    window.setTimeout(() => notice && openAnew(), TRIED_AGAIN_AFTER);
  }

  /** Whether the admin itself has answered, in words of its own: there is nothing to show yet. */
  function isOurs(frame) {
    try {
      return Boolean(frame.contentDocument?.body?.childElementCount);
    } catch {
      return false;
    }
  }

  function stopWaiting(frame) {
    window.clearTimeout(waiting.get(frame));
    waiting.delete(frame);
  }

  function say() {
    if (notice) return;
    notice = document.createElement('div');
    notice.id = 'preview-unreachable';
    notice.className = 'help-block help-warning';
    notice.setAttribute('role', 'alert');
    notice.innerHTML = '<svg class="icon icon-warning" aria-hidden="true"><use href="#icon-warning"></use></svg>';
    const text = notice.appendChild(document.createElement('p'));
    text.textContent =
      `The preview cannot be shown: the site (${origins.join(', ')}) does not answer, or does not let itself be shown ` +
      `by ${window.location.origin}. What you write is kept. The preview comes back when the site does; if it does not, ` +
      'tell the people who run it.';
    panel.querySelector('.w-preview__area').before(notice);
  }

  function heard(frame) {
    stopWaiting(frame);
    notice?.remove();
    notice = null;
  }

  window.addEventListener('message', (event) => {
    const frame = frames().find((each) => each.contentWindow === event.source);
    if (!frame || !origins.includes(event.origin)) return;
    heard(frame);
    spokenBy = event.origin;
    if (event.data?.toolshelf?.type === 'preview-ended') openAnew();
  });
  // Each refresh brings a new frame, which takes the old one's place once it is there.
  new MutationObserver(() => frames().forEach(watch)).observe(panel, { childList: true, subtree: true });
  frames().forEach(watch);
})();
