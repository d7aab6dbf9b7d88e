// Wagtail's user bar in a preview: its checks look at this page and report to the editor around it.
//
// The editor asks the frame that it shows. Until it shows this one, a report would make it count in the old frame, or in
// none (wagtail#13689): so the bar waits for its moment.

let waiting: Element | null = null;
let timer: number | undefined;

/** Takes the bar out of an answer; a document has one bar at most, the first. */
export function take(answer: Document): void {
  const bar = answer.querySelector('#userbar');
  if (bar && !waiting && !document.querySelector('#userbar')) waiting = document.adoptNode(bar);
}

/** Adds the bar after so many milliseconds; a bar that is there already makes the editor count anew. */
export function addIn(milliseconds: number, countAnew: () => void): void {
  window.clearTimeout(timer);
  timer = window.setTimeout(() => {
    if (waiting) add(waiting);
    else if (window.customElements.get('wagtail-userbar')) countAnew();
    waiting = null;
  }, milliseconds);
}

function add(bar: Element): void {
  separateWords();
  // In a tab of its own there is no panel that lists what was found: the bar does it.
  const menu = bar.querySelector('template')?.content.querySelector('aside');
  if (menu) menu.hidden = window.parent !== window;
  const scripts = bar.querySelectorAll('script');
  document.body.append(bar);
  for (const { src } of scripts) {
    // The parsed ones do not run.
    const script = document.createElement('script');
    script.src = src;
    script.async = false;
    document.body.append(script);
  }
}

/** While the editor shows its checks in place of the preview, words are counted in a page without layout: there a heading
 * and its paragraph would be one word. */
function separateWords(): void {
  for (const element of document.querySelectorAll('main *:not(pre *, svg *)')) {
    if (!/^(inline|none|contents)/.test(getComputedStyle(element).display)) element.after('\n');
  }
}
