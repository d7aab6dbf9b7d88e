// Has Lighthouse judge the pages whose addresses are its arguments, as a phone shows them, in the Chromium that the variables
// CHROMIUM and CHROMIUM_FLAGS tell; prints what it says of each, as JSON.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// The packages are the front end's.
const require = createRequire(new URL('../../frontend/package.json', import.meta.url));
const { default: lighthouse } = await import(pathToFileURL(require.resolve('lighthouse')));
const { launch } = await import(pathToFileURL(require.resolve('chrome-launcher')));

const settings = {
  logLevel: 'silent',
  onlyCategories: ['accessibility', 'best-practices', 'seo'],
  // Says how new the used features of the web are, which counts for nothing; recording them ends Chromium 147.
  skipAudits: ['baseline'],
  disableFullPageScreenshot: true,
};
const chromium = await launch({
  chromePath: process.env.CHROMIUM,
  chromeFlags: JSON.parse(process.env.CHROMIUM_FLAGS),
  logLevel: 'silent',
});
const judged = [];
try {
  for (const address of process.argv.slice(2)) {
    const { lhr } = await lighthouse(address, { ...settings, port: chromium.port });
    const categories = Object.values(lhr.categories);
    const counted = categories.flatMap(({ auditRefs }) => auditRefs).filter(({ weight }) => weight > 0);
    judged.push({
      scores: Object.fromEntries(categories.map(({ id, score }) => [id, Math.round(score * 100)])),
      // An audit that does not apply has no score.
      failed: counted
        .map(({ id }) => lhr.audits[id])
        .filter(({ score, scoreDisplayMode }) => scoreDisplayMode === 'error' || (score !== null && score < 1))
        .map(({ id, explanation, details }) => ({ id, explanation, items: details?.items?.slice(0, 5) })),
      error: lhr.runtimeError?.message,
    });
  }
} finally {
  chromium.kill();
}
console.log(JSON.stringify(judged));
