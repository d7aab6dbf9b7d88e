// Asks a GraphQL server, whose address is the only argument, every audit of GraphQL over HTTP; prints the results as JSON.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// The package is the front end's.
const require = createRequire(new URL('../../frontend/package.json', import.meta.url));
const { auditServer } = await import(pathToFileURL(require.resolve('graphql-http')));

const results = await auditServer({ url: process.argv[2] });
console.log(JSON.stringify(results.map(({ id, name, status, reason }) => ({ id, name, status, reason }))));
