// Colours listings at render time. The result carries classes only: inline styles would need a looser security policy.
import hljs from 'highlight.js/lib/common';
import django from 'highlight.js/lib/languages/django';
import dockerfile from 'highlight.js/lib/languages/dockerfile';
import http from 'highlight.js/lib/languages/http';
import nginx from 'highlight.js/lib/languages/nginx';

hljs.registerLanguage('django', django);
hljs.registerLanguage('dockerfile', dockerfile);
hljs.registerLanguage('http', http);
hljs.registerLanguage('nginx', nginx);

/** HTML, escaped whether the language is known or not. */
export function highlighted(code: string, language: string): string {
  const known = hljs.getLanguage(language) ? language : 'plaintext';
  return hljs.highlight(code, { language: known, ignoreIllegals: true }).value;
}

/** As `highlighted`, with these lines, counted from 1, in `mark` elements. */
export function listing(code: string, language: string, lines: readonly number[]): string {
  const html = highlighted(code, language);
  if (lines.length === 0) return html;
  const open: string[] = [];
  const whole = html.split('\n').map((line, index) => {
    // A colour may begin on one line and end on another: each line closes what is open and the next begins it anew.
    const before = open.join('');
    for (const [tag, slash] of line.matchAll(/<(\/?)span[^>]*>/g)) {
      if (slash) open.pop();
      else open.push(tag);
    }
    const closed = `${before}${line}${'</span>'.repeat(open.length)}\n`;
    return lines.includes(index + 1) ? `<mark>${closed}</mark>` : closed;
  });
  return whole.join('').replace(/\n$/, '');
}

export function languageName(language: string): string {
  return hljs.getLanguage(language)?.name?.split(',')[0] ?? '';
}
