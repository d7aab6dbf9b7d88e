// Has html-validate judge HTML, given to its input as a JSON object by names; prints what it finds, by the same names.
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

// The package is the front end's.
const require = createRequire(new URL('../../frontend/package.json', import.meta.url));
const { HtmlValidate, StaticConfigLoader } = await import(pathToFileURL(require.resolve('html-validate')));

const config = {
  extends: ['html-validate:recommended', 'html-validate:standard'],
  rules: {
    // Boxes of one name are how a form sends a list.
    'form-dup-name': ['error', { shared: ['radio', 'button', 'reset', 'submit', 'checkbox'] }],
    // On phones tables are laid out as lists, which would take the roles of their elements away.
    'no-redundant-role': 'off',
    // What scrolls has a name, so it is a region; a listing then still has to be a <pre>.
    'prefer-native-element': ['error', { exclude: ['region'] }],
  },
};
const validator = new HtmlValidate(new StaticConfigLoader(config));
const found = {};
for (const [name, html] of Object.entries(JSON.parse(await text(process.stdin)))) {
  const { results } = await validator.validateString(html);
  found[name] = results.flatMap(({ messages }) => messages).map(({ ruleId, message, offset }) => {
    return `${ruleId}: ${message} at ${html.slice(Math.max(0, offset - 60), offset + 60)}`;
  });
}
console.log(JSON.stringify(found));
