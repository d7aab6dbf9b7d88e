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

export function languageName(language: string): string {
  return hljs.getLanguage(language)?.name?.split(',')[0] ?? '';
}
